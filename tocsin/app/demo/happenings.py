"""What is unusual in the month and yet in order.

A detector is worth what it does not say. Each of these looks a little like an attack and is
none: a night's hotfix, a planned new user, a test of the emergency account, a developer denied
and then granted, a customer's yearly export, support's busiest day, a moved colleague.
"""

from datetime import date

from tocsin.app.demo import devices
from tocsin.app.demo.application import Application
from tocsin.app.demo.applog import Visit
from tocsin.app.demo.company import Company
from tocsin.app.demo.crm import session_id, staff_visit
from tocsin.app.demo.deploys import allow, put_role_policy, run
from tocsin.app.demo.dice import roll
from tocsin.app.demo.hours import FRANCE, MACHINE, local, midnight, moments
from tocsin.app.demo.identities import (
    ADMIN,
    BREAK_GLASS,
    DEVELOPER,
    GLOBAL,
    PROD,
    REGION,
    SEED,
    SUPPORT_DATA,
    SUPPORT_VIEW,
    anonymous,
    iam_user,
    key_id,
    signing_in,
)
from tocsin.app.demo.networks import FAX_ROOM, PARIS, customer_office, staff_home, stranger
from tocsin.app.demo.office import device, look, place
from tocsin.app.demo.sessions import assume, console_login, issue_key, sign_in
from tocsin.app.demo.trail import EXPORTS, RECORDINGS, Trail

SMS_USER = "svc-sms-gateway"
WEEKDAYS, SUNDAY_TO_THURSDAY = (0, 1, 2, 3), (6, 0, 1, 2, 3)


def at_aws(company: Company, day: date, trail: Trail) -> None:
    """Add what of the month's unusual events falls on ``day`` in AWS."""
    _probes(day, trail)
    _sms_gateway(company, day, trail)
    if day == company.day(0.58, weekdays=WEEKDAYS):
        run(trail, local(day, 22.7, FRANCE), 2_299, hotfix=True)
    if day == company.day(0.36, weekdays=(1,)):
        _emergency_account_tested(company, day, trail)
    if day == company.day(0.64, weekdays=SUNDAY_TO_THURSDAY):
        _denied_then_granted(company, day, trail)
    if day in {company.day(share, weekdays=WEEKDAYS) for share in (0.12, 0.4, 0.66)}:
        _support_lead_takes_the_role(company, day, trail)


def in_application(app: Application) -> None:
    """Add what of the month's unusual events falls on the day in the application."""
    company, day = app.company, app.day
    if day == company.day(0.56, weekdays=WEEKDAYS):
        _yearly_export(app)
    if day == company.day(0.62, weekdays=WEEKDAYS):
        _busy_support_day(app)
    if day == company.day(0.44, weekdays=WEEKDAYS):
        _lost_phone(app)
    if day == company.day(0.45, weekdays=(0,)):
        _first_day(app)


def _probes(day: date, trail: Trail) -> None:
    """Strangers try the door of the bucket of exports; it is shut."""
    dice = trail.dice
    for at in moments(dice, day, dice.about(5), FRANCE, MACHINE):
        caller = anonymous(stranger(dice), dice.choice(("curl/8.5.0", "Go-http-client/1.1")))
        key = dice.choice(("backup.sql", ".env", "index.html", "dump.tar.gz", "users.csv"))
        if dice.chance(0.4):
            trail.listing(caller, at, EXPORTS, "", sent=0, error="AccessDenied")
        else:
            trail.object(
                caller, at, "GetObject", EXPORTS, key, error="AccessDenied", message="Access Denied"
            )


def _sms_gateway(company: Company, day: date, trail: Trail) -> None:
    """A planned change: a new user with a key, made by an administrator, used from our rooms."""
    born = company.day(0.5, weekdays=WEEKDAYS)
    key = key_id("AKIA", SEED, SMS_USER, 1)
    dice = trail.dice
    if day == born:
        person = company.person("bastien.kervella")
        at = local(day, 10.4, FRANCE)
        ip, agent = place(company, person, day, dice), device(company, person, day)
        admin = sign_in(trail, person.id, ADMIN, at, ip, agent=agent)
        arn = f"arn:aws:iam::{PROD}:user/{SMS_USER}"
        user = {"userName": SMS_USER, "arn": arn, "path": "/", "userId": "AIDA" + dice.base32(17)}
        tags = [{"key": "ticket", "value": "CHG-2031"}, {"key": "owner", "value": "platform"}]
        request = {"userName": SMS_USER, "tags": tags}
        trail.call(
            admin, at + 90, "iam", "CreateUser", request, response={"user": user}, write=True
        )
        name = f"arn:aws:iam::{PROD}:policy/sms-gateway"
        policy = allow(["s3:PutObject"], f"arn:aws:s3:::{EXPORTS}/sms/*")
        request = {"policyName": "sms-gateway", "policyDocument": policy}
        response = {"policy": {"policyName": "sms-gateway", "arn": name, "path": "/"}}
        trail.call(admin, at + 150, "iam", "CreatePolicy", request, response=response, write=True)
        request = {"userName": SMS_USER, "policyArn": name}
        trail.call(admin, at + 165, "iam", "AttachUserPolicy", request, write=True)
        issue_key(trail, admin, at + 200, SMS_USER, key)
    if day >= born:
        caller = iam_user(SMS_USER, key, FAX_ROOM, devices.OLD_PHP)
        start = max(midnight(day), local(born, 14, FRANCE))
        for at in moments(dice, day, 24, FRANCE, MACHINE):
            if at > start:
                name = f"sms/{day:%Y/%m/%d}/{dice.hex(8)}.json"
                trail.object(caller, at, "PutObject", EXPORTS, name, got=dice.randrange(900, 9_000))


def _emergency_account_tested(company: Company, day: date, trail: Trail) -> None:
    """The emergency account is tried once a quarter: a login with a second factor, a look."""
    at = local(day, 15.25, FRANCE)
    person = company.person("claire.vauquelin")
    agent = device(company, person, day)
    shut = iam_user(BREAK_GLASS, "", PARIS, agent)
    wrong = signing_in(BREAK_GLASS, PARIS, agent)
    console_login(trail, wrong, at - 40, mfa="Yes", failure="Failed authentication", region=GLOBAL)
    console_login(trail, shut, at, mfa="Yes", region=GLOBAL)
    key = key_id("ASIA", SEED, BREAK_GLASS, at)
    caller = iam_user(BREAK_GLASS, key, PARIS, agent, login_at=at)
    look(trail, caller, at + 10, "security", 9)


def _denied_then_granted(company: Company, day: date, trail: Trail) -> None:
    """A developer may not read exports, asks, is granted by a change, and may."""
    dice = trail.dice
    person = company.person("eitan.rosenblum")
    at = local(day, 11.2, person.week)
    ip = place(company, person, day, dice)
    agent = devices.CLI_LINUX
    session = sign_in(trail, person.id, DEVELOPER, at, ip, agent=agent, console=False)
    for pause in (30, 75, 300):
        trail.denied(session, at + pause, "s3", "GetBucketLifecycle", f"arn:aws:s3:::{EXPORTS}")
    trail.denied(session, at + 340, "ssm", "GetParameter", "parameter/prod/export/schedule")
    admin = company.person("noam.feldstein")
    granted = at + 7_500
    ip_admin = place(company, admin, day, dice)
    agent_admin = device(company, admin, day)
    console = sign_in(trail, admin.id, ADMIN, granted, ip_admin, agent=agent_admin)
    policy = allow(["ssm:GetParameter"], f"arn:aws:ssm:{REGION}:{PROD}:parameter/prod/export/*")
    put_role_policy(trail, console, granted + 120, DEVELOPER.name, "CHG-2044", policy=policy)
    name = {"name": "/prod/export/schedule", "withDecryption": False}
    trail.call(session, granted + 900, "ssm", "GetParameter", name)
    trail.call(session, granted + 960, "ssm", "GetParameter", name)


def _support_lead_takes_the_role(company: Company, day: date, trail: Trail) -> None:
    """A support lead hears three calls of one customer, with the role meant for it."""
    dice = trail.dice
    person = company.person("julien.peyrat")
    at = local(day, 14.5, FRANCE)
    ip, agent = place(company, person, day, dice), device(company, person, day)
    session = sign_in(trail, person.id, SUPPORT_VIEW, at, ip, agent=agent)
    lent = assume(trail, session, SUPPORT_DATA, person.id, at + 40)
    customer = dice.choice(company.customers)
    trail.listing(lent, at + 60, RECORDINGS, f"{customer.id}/", sent=4_200)
    for number in range(3):
        made = company.past_recording(dice, customer, day)
        if made:
            trail.object(
                lent, at + 90 + 70 * number, "GetObject", RECORDINGS, made.key, sent=made.size
            )


def _yearly_export(app: Application) -> None:
    """A customer's administrator takes the whole book out once a year, as is its right."""
    dice = app.log.dice
    customer = max(app.company.customers, key=lambda c: c.contacts)
    own = roll(SEED, "user", customer.users[0])
    agent = devices.browser(own.choice(devices.CUSTOMER_DEVICES), app.day, own.randrange(6))
    visit = Visit(
        customer.users[0], "user", customer.id, customer_office(customer), session_id(dice), agent
    )
    at = local(app.day, 16.3, customer.week)
    app.log.write(visit, at, "login", customer.id)
    app.export(visit, at + 95, customer, customer.contacts)
    app.act(visit, at + 240, "contacts.search", customer)


def _busy_support_day(app: Application) -> None:
    """After a faulty release everybody calls: one colleague takes three dozen tickets."""
    dice = app.log.dice
    person = app.company.person("karim.benhadda")
    visit = staff_visit(app, person)._replace(ip=staff_home(person))
    at = float(local(app.day, 9.2, FRANCE))
    app.log.write(visit, at - 60, "login", None)
    exported = (5, 17, 29)
    for number in range(36):
        customer = dice.choice(app.company.customers)
        at = app.ticket(visit, at, customer) + dice.uniform(30, 900)
        if number in exported:
            app.export(
                visit, at, customer, dice.randrange(120, 700), ticket=f"SUP-{44_100 + number}"
            )


def _lost_phone(app: Application) -> None:
    """A customer's user lost a phone: support resets the second factor, the user sets a new one."""
    dice = app.log.dice
    person, customer = app.company.person("lucie.fontanel"), app.company.customer("c-0029")
    visit = staff_visit(app, person)
    at, user = local(app.day, 11.6, FRANCE), customer.users[2]
    app.log.write(visit, at - 40, "login", None)
    app.log.write(visit, at, "mfa.reset", customer.id, thing=f"user/{user}", ticket="SUP-43377")
    agent = devices.browser("win-chrome", app.day)
    owner = Visit(user, "user", customer.id, customer_office(customer), session_id(dice), agent)
    app.log.write(owner, at + 410, "login", customer.id)
    app.log.write(owner, at + 470, "mfa.enroll", customer.id, thing=f"user/{user}")


def _first_day(app: Application) -> None:
    """A new colleague signs in for the first time and sets a second factor."""
    visit = staff_visit(app, app.company.person("fatou.diarra"))
    at = local(app.day, 9.6, FRANCE)
    app.log.write(visit, at, "login", None)
    app.log.write(visit, at + 75, "mfa.enroll", None, thing="user/fatou.diarra")
