"""What clients call themselves: browsers, command lines and libraries of early 2026."""

from datetime import date

_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_WIN = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_LINUX = "Mozilla/5.0 (X11; Linux x86_64"
_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"

# Releases reach a fleet within days, not on one; the shift spreads them by person.
CHROME = ((date(2026, 3, 10), 146), (date(2026, 4, 7), 147))
FIREFOX = ((date(2026, 2, 24), 148), (date(2026, 3, 24), 149))


def _version(table: tuple[tuple[date, int], ...], day: date, shift: int) -> int:
    reached = [number for since, number in table if (day - since).days >= shift]
    return reached[-1] if reached else table[0][1] - 1


def browser(device: str, day: date, shift: int = 0) -> str:
    """Return the user agent of a device on a day.

    Args:
        device: Computer and browser: ``mac-chrome``, ``win-edge`` and the like.
        day: Browsers update themselves, so the version depends on it.
        shift: How many days after a release this one updates.
    """
    system, _, name = device.partition("-")
    if name == "safari":
        return f"{_MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.3 Safari/605.1.15"
    if name == "firefox":
        version = _version(FIREFOX, day, shift % 5)
        return f"{_LINUX}; rv:{version}.0) Gecko/20100101 Firefox/{version}.0"
    version = _version(CHROME, day, shift % 6)
    base = {"mac": _MAC, "win": _WIN, "linux": f"{_LINUX})"}[system]
    agent = f"{base} {_WEBKIT} Chrome/{version}.0.0.0 Safari/537.36"
    return f"{agent} Edg/{version}.0.0.0" if name == "edge" else agent


CUSTOMER_DEVICES = (
    "win-chrome",
    "win-chrome",
    "win-edge",
    "mac-chrome",
    "mac-safari",
    "win-chrome",
)
DESKTOP_APP = "Clochette/7.4.2 (Windows; phone bar)"
MOBILE_APP = ("Clochette/7.4.1 (iOS 26.3; iPhone17,3)", "Clochette/7.4.0 (Android 16; Pixel 9)")
INTEGRATIONS = (
    "python-requests/2.32.5",
    "axios/1.13.5",
    "GuzzleHttp/7",
    "okhttp/5.3.2",
    "n8n",
)

CLI_MAC = (
    "aws-cli/2.33.21 md/awscrt#0.31.1 ua/2.1 os/macos#25.3.0 md/arch#arm64 lang/python#3.13.11"
    " md/pyimpl#CPython m/n,b,Z,E,AA cfg/retry-mode#standard md/installer#exe sid/{sid}"
    " md/prompt#off md/command#{command}"
)
CLI_LINUX = (
    "aws-cli/2.31.7 md/awscrt#0.27.6 ua/2.1 os/linux#6.12.63 md/arch#x86_64 lang/python#3.13.7"
    " md/pyimpl#CPython m/n,b,Z,E cfg/retry-mode#standard md/installer#exe sid/{sid}"
    " md/prompt#off md/command#{command}"
)
TERRAFORM = (
    "APN/1.0 HashiCorp/1.0 Terraform/1.14.5 (+https://www.terraform.io)"
    " terraform-provider-aws/6.33.0 (+https://registry.terraform.io/providers/hashicorp/aws)"
    " aws-sdk-go-v2/1.41.1 ua/2.1 os/linux lang/go#1.25.7 md/GOOS#linux md/GOARCH#amd64 api/{api}"
)
JAVA_TASK = (
    "aws-sdk-java/2.41.26 md/io#sync md/http#Apache ua/2.1 api/{api} os/Linux#6.1.161"
    " lang/java#21.0.10 md/OpenJDK_64-Bit_Server_VM#21.0.10+7-LTS md/vendor#Amazon.com_Inc."
    " exec-env/AWS_ECS_FARGATE m/D,N"
)
GO_TASK = (
    "aws-sdk-go-v2/1.41.1 ua/2.1 os/linux lang/go#1.25.7 md/GOOS#linux md/GOARCH#arm64"
    " exec-env/AWS_ECS_FARGATE api/{api} m/E,g"
)
PYTHON_LAMBDA = (
    "Boto3/1.42.49 md/Botocore#1.42.49 ua/2.1 os/linux#5.10.245 md/arch#arm64 lang/python#3.13.11"
    " md/pyimpl#CPython exec-env/AWS_Lambda_python3.13 m/n,b,Z cfg/retry-mode#legacy"
)
PYTHON_TASK = (
    "Boto3/1.42.49 md/Botocore#1.42.49 ua/2.1 os/linux#6.1.161 md/arch#x86_64 lang/python#3.12.12"
    " md/pyimpl#CPython exec-env/AWS_ECS_FARGATE m/N,b,Z cfg/retry-mode#standard"
)
OLD_SCRIPT = "Boto3/1.26.165 Python/3.9.2 Linux/5.10.0-38-amd64 Botocore/1.29.165"
OLD_PHP = "aws-sdk-php/3.281.14 OS/Linux#5.10.0-38-amd64 lang/php#7.4.33 GuzzleHttp/7"
GRAFANA = "aws-sdk-go-v2/1.40.1 ua/2.1 os/linux lang/go#1.25.5 md/GOOS#linux md/GOARCH#amd64"
SSM_AGENT = "aws-sdk-go/1.55.5 (go1.24.11; linux; amd64) amazon-ssm-agent/3.3.3572.0"
