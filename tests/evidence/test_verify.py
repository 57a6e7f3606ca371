"""Whatever is done to a bundle is found and named, by our program and by hand."""

import gzip
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from collectors.raw import RawRecords, Wanted
from incidents.evidence import capture
from incidents.evidence import export as exporting
from incidents.evidence.bundle import Attached
from incidents.evidence.verify import DEEPEST, Verification, verify
from tests.evidence.conftest import ALICE, NOW, House
from tocsin import ledger
from tocsin.ledger import checkpoints, rotation
from tocsin.ledger.keys import open_key
from tocsin.model.events import RawRef
from tocsin.model.principals import Principal
from tocsin.store import Store

SCRIPT = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def by_hand(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the steps that VERIFY.md has, as they stand, each on its own as a reader would."""
    steps = SCRIPT.findall((folder / "VERIFY.md").read_text())
    assert len(steps) == 10 + (folder / "proofs").exists()
    script = "".join(f"(\n{step}) || exit 1\n" for step in steps)
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )


def files_of(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def refused(folder: Path, name: str, key: House | bytes) -> Verification:
    """Return the verification of a bundle that must not pass and must name this file."""
    found = verify(folder, key if isinstance(key, bytes) else key.public)
    assert not found.passed
    assert any(name in fault for fault in found.faults), (name, found.faults)
    return found


@pytest.fixture(params=["", "acme"], ids=["whole", "customer"])
def either(house: House, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    return house.export(tmp_path / "either", customer=request.param)


def test_a_bundle_passes_every_numbered_step(either: Path, house: House) -> None:
    found = verify(either, house.public)
    assert found.faults == ()
    assert found.passed
    assert found.compared
    assert [step.number for step in found.steps] == list(range(1, 13))
    assert found.fingerprint == open_key(house.key).public.fingerprint
    assert verify(either).compared is False
    assert verify(either).passed


def test_verify_md_passes_with_sha256sum_and_openssl_alone(either: Path, house: House) -> None:
    done = by_hand(either)
    assert done.returncode == 0, done.stdout + done.stderr
    assert open_key(house.key).public.fingerprint in done.stdout
    assert done.stdout.count("OK") == 9 + (either / "proofs").exists()
    assert done.stdout.count("Verified Successfully") == 2


@pytest.fixture
def tiny(house: House, tmp_path: Path) -> Iterator[House]:
    """Return a house in which as little as possible has happened: one entry, one record."""
    store = Store(tmp_path / "tiny" / "state.db")
    raw = RawRef(str(house.folder / "logs" / "trail.json"), 0)
    with store.begin() as db:
        ledger.append(db, "incident.opened", {"incident": 1}, principal=ALICE, at=NOW)
        asked = [Wanted(house.ids[0], "cloudtrail", raw)]
        found = capture.collect(asked, RawRecords(), tmp_path / "tiny" / "evidence")
        capture.record(db, 1, found, principal=ALICE, now=NOW)
    yield House(store, tmp_path / "tiny", house.ids)
    store.close()


def test_every_byte_flipped_is_found_and_named(tiny: House, tmp_path: Path) -> None:
    files = (Attached(name="n.eml", what="notice", content=b"To: acme\r\n"),)
    exported = tiny.export(tmp_path / "small", tiny.bundle(files=files, events=()))
    public = tiny.public
    for name in files_of(exported):
        path = exported / name
        content = path.read_bytes()
        for at in range(len(content)):
            flipped = content[at] ^ 1 << at % 8  # each of the eight bits, in every file
            path.write_bytes(content[:at] + bytes([flipped]) + content[at + 1 :])
            named = name.removesuffix(".sig") if name == exporting.SUMS_SIGNATURE else name
            refused(exported, named, public)
        path.write_bytes(content)
    assert verify(exported, public).passed


def test_every_file_removed_is_found_and_named(either: Path, house: House) -> None:
    for name in files_of(either):
        away = either.parent / "away"
        (either / name).rename(away)
        refused(either, name, house)
        away.rename(either / name)
    assert verify(either, house.public).passed


def test_every_file_renamed_is_found_and_both_names_named(either: Path, house: House) -> None:
    for name in files_of(either):
        other = f"{name}x"
        (either / name).rename(either / other)
        refused(either, name, house)
        refused(either, other, house)
        (either / other).rename(either / name)
    assert verify(either, house.public).passed


def test_every_two_neighbours_swapped_are_found_and_named(either: Path, house: House) -> None:
    names = [name for name in files_of(either) if name not in ("SHA256SUMS", "SHA256SUMS.sig")]
    for one, other in pairwise(names):
        first, second = (either / one).read_bytes(), (either / other).read_bytes()
        assert first != second
        (either / one).write_bytes(second)
        (either / other).write_bytes(first)
        refused(either, one, house)
        refused(either, other, house)
        (either / one).write_bytes(first)
        (either / other).write_bytes(second)
    assert verify(either, house.public).passed


def test_every_file_cut_or_longer_is_found_and_named(either: Path, house: House) -> None:
    for name in files_of(either):
        content = (either / name).read_bytes()
        for other in (content[:-1], content + b"\n", b""):
            if other != content:
                (either / name).write_bytes(other)
                named = "SHA256SUMS" if name == exporting.SUMS_SIGNATURE else name
                refused(either, named, house)
        (either / name).write_bytes(content)


@pytest.mark.parametrize(
    "name",
    [
        "extra.txt",
        "raw/" + "0" * 64 + ".json",
        "payloads/99.bin",
        "payloads/x",
        "new/folder/file",
        ".hidden",
        "SHA256SUMS.bak",
        "raw/\x1b[31m.json",
        "raw/\n.json",
        "raw/\udcff.json",
    ],
)
def test_an_added_file_is_found_and_named(either: Path, house: House, name: str) -> None:
    (either / name).parent.mkdir(parents=True, exist_ok=True)
    (either / name).write_bytes(b"{}")
    found = refused(either, "was added", house)
    said = [fault for fault in found.faults if "was added" in fault]
    assert all(fault.isprintable() for fault in found.faults)
    assert any(name in fault or ascii(name) in fault for fault in said)


def test_an_added_folder_is_found_and_named(either: Path, house: House) -> None:
    (either / "raw" / "empty").mkdir()
    refused(either, "raw/empty/: was added", house)
    said = by_hand(either)
    assert said.returncode == 1
    assert "an empty folder was added:\n./raw/empty\n" in said.stdout


def test_a_folder_as_deep_as_it_may_be_is_named_and_not_looked_into(
    either: Path, house: House
) -> None:
    before, deep = verify(either, house.public), either / "raw"
    for _ in range(1_200):
        deep = Path(f"{deep}/a")
        deep.mkdir()
    (deep / "file").write_bytes(b"")
    try:
        found = refused(either, "raw/a/a/a/a/a/a/a/a: is deeper than a bundle goes", house)
        assert [step.number for step in found.steps if not step.passed] == [3]
        assert len(found.faults) < 2 * DEEPEST
        assert all(fault.startswith("raw/a") for fault in found.faults)
    finally:
        subprocess.run(["rm", "-rf", f"{either}/raw/a"], check=True)
    assert verify(either, house.public) == before
    assert max(name.count("/") for name in files_of(either)) < DEEPEST / 2


def test_links_are_not_followed(either: Path, house: House, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes((either / "timeline.json").read_bytes())
    (either / "timeline.json").unlink()
    (either / "timeline.json").symlink_to(outside)
    refused(either, "timeline.json: is a link or a device", house)
    (either / "timeline.json").unlink()
    shutil.copy(outside, either / "timeline.json")
    (either / "raw").rename(tmp_path / "raw")
    (either / "raw").symlink_to(tmp_path / "raw")
    refused(either, "raw: is a link or a device", house)
    (either / "raw").unlink()
    (tmp_path / "raw").rename(either / "raw")
    os.mkfifo(either / "pipe")
    refused(either, "pipe: is a link or a device", house)


@pytest.mark.parametrize(
    "path", ["../outside", "/etc/passwd", "raw/../../outside", "./timeline.json", "a\\b", "raw//x"]
)
def test_paths_of_the_list_lead_nowhere(exported: Path, house: House, path: str) -> None:
    """Even when somebody signs them with the right key."""
    (exported.parent / "outside").write_bytes(b"outside")
    digest = sha256(b"outside").hexdigest()
    sums = (exported / "SHA256SUMS").read_text() + f"{digest}  {path}\n"
    (exported / "SHA256SUMS").write_text(sums)
    (exported / "SHA256SUMS.sig").write_bytes(open_key(house.key).sign(sums.encode()))
    refused(exported, "SHA256SUMS", house)


def test_another_key_is_found_when_ours_is_given(either: Path, tmp_path: Path) -> None:
    other = open_key(tmp_path / "other").public.pem.encode()
    found = verify(either, other)
    assert [step.number for step in found.steps if not step.passed] == [1]
    assert "is another key" in found.faults[0]
    assert not verify(either, b"no key").passed


@pytest.mark.parametrize("what", ["nothing there", "an empty folder", "a file"])
def test_what_is_no_bundle_fails_without_an_exception(what: str, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    if what == "an empty folder":
        folder.mkdir()
    if what == "a file":
        folder.write_text("")
    found = verify(folder)
    assert not found.passed
    assert not any(step.passed for step in found.steps)


# A forger who holds the key and signs everything anew still has to make the parts agree.


def forge(folder: Path, house: House, changes: dict[str, bytes]) -> None:
    """Change files, and make list, manifest and signature right again, as a holder of the key."""
    for name, content in changes.items():
        (folder / name).write_bytes(content)
    contents = {name: (folder / name).read_bytes() for name in files_of(folder)}
    for name in ("SHA256SUMS", "SHA256SUMS.sig"):
        contents.pop(name)
    manifest = json.loads(contents.pop("MANIFEST.json"))
    manifest["files"] = exporting.listed(contents)
    contents["MANIFEST.json"] = json.dumps(manifest).encode()
    (folder / "MANIFEST.json").write_bytes(contents["MANIFEST.json"])
    (folder / "SHA256SUMS").write_bytes(exporting.sums(contents))
    signature = open_key(house.key).sign(exporting.sums(contents))
    (folder / "SHA256SUMS.sig").write_bytes(signature)


def parts(folder: Path) -> Iterator[tuple[str, str, bytes]]:
    """Yield what a forger may change: name, what must be named, new content."""
    entries = (folder / "ledger.jsonl").read_bytes().splitlines(keepends=True)
    yield "ledger.jsonl", "entry 3", b"".join([*entries[:2], *entries[3:]])
    yield "ledger.jsonl", "checkpoint", b"".join(entries[:-1])
    yield "ledger.jsonl", "follow", b"".join(entries).replace(b"shell:alice", b"shell:bob")
    yield "ledger.jsonl", "ledger.jsonl", b"".join([entries[1], entries[0], *entries[2:]])
    yield "ledger.jsonl", "canonical", b"".join(entries).replace(b'"at":', b'"at": ')
    yield "ledger.jsonl", "ledger.jsonl", b"[" * 100_000
    payload = (folder / "payloads/1.bin").read_bytes()
    yield "payloads/1.bin", "payloads/1.bin", payload.replace(b"abroad", b"at home")
    yield "payloads/1.bin", "payloads/1.bin", b""
    told = (folder / "decisions.jsonl").read_bytes()
    yield "decisions.jsonl", "entry 1", told.replace(b"abroad", b"at home")
    yield "decisions.jsonl", "entry 1", told.replace(b"incident.opened", b"incident.closed")
    yield "decisions.jsonl", "entry 1 is missing", told.partition(b"\n")[2]
    index = (folder / "raw/index.json").read_bytes()
    yield "raw/index.json", "not the record of event", index.replace(b"000001", b"000009")
    yield "raw/index.json", "is in no line", b"[]"
    yield "raw/index.json", "captured", re.sub(rb'"salt": "..', b'"salt": "zz', index)
    record = next(folder.glob("raw/????????*.json"))
    name = record.relative_to(folder).as_posix()
    yield name, name, record.read_bytes().replace(b"GetObject", b"PutObject")
    leaves = next(folder.glob("raw/leaves/*.txt"))
    yield f"raw/leaves/{leaves.name}", "raw/leaves/", leaves.read_bytes() + b"0" * 64 + b"\n"
    message = (folder / "checkpoint.json").read_bytes()
    yield "checkpoint.json", "checkpoint.json", message.replace(b"2026", b"2027")


@pytest.mark.parametrize("which", range(17))
def test_parts_that_do_not_agree_are_found_though_the_list_is_signed(
    exported: Path, house: House, which: int
) -> None:
    name, named, content = list(parts(exported))[which]
    assert content != (exported / name).read_bytes()
    forge(exported, house, {name: content})
    found = refused(exported, named, house)
    assert all(step.passed for step in found.steps[:4])
    if which not in (10, 11, 12, 13, 15, 8, 9):  # what only the program compares
        assert by_hand(exported).returncode != 0


def test_a_proof_of_another_entry_is_found(house: House, tmp_path: Path) -> None:
    folder = house.export(tmp_path / "customer", customer="acme")
    proofs = sorted(folder.glob("proofs/*.txt"))
    forge(folder, house, {f"proofs/{proofs[0].name}": proofs[1].read_bytes()})
    refused(folder, f"proofs/{proofs[0].name}", house)
    assert by_hand(folder).returncode != 0


def test_an_earlier_checkpoint_must_be_in_the_ledger(house: House, tmp_path: Path) -> None:
    with house.store.begin() as db:
        earlier = checkpoints.sign(db, open_key(house.key), at=NOW).checkpoint()
        ledger.append(db, "incident.closed", {"incident": 1}, principal=ALICE, at=NOW)
    folder = house.export(tmp_path / "later")
    assert verify(folder, house.public, earlier).passed
    other = ledger.Checkpoint(earlier.number, "0" * 64)
    assert "earlier checkpoint" in verify(folder, house.public, other).faults[0]
    theirs = house.export(tmp_path / "theirs", customer="acme")
    assert verify(theirs, house.public, earlier).passed, "it is an entry shown with its proof"
    assert "earlier checkpoint" in verify(theirs, house.public, other).faults[0]
    with house.store.read() as db:
        assert verify(theirs, house.public, ledger.newest(db)).passed


def test_a_bundle_after_a_rotation_shows_the_keys_history(house: House, tmp_path: Path) -> None:
    with house.store.begin() as db:
        rotation.rotate(db, house.key, principal=ALICE, at=NOW)
    folder = house.export(tmp_path / "rotated")
    assert verify(folder, house.public).passed
    assert by_hand(folder).returncode == 0
    told = (folder / "decisions.jsonl").read_bytes().splitlines()
    kinds = [json.loads(one)["kind"] for one in told]
    of_keys = [kind for kind in kinds if kind.startswith("key.")]
    assert of_keys == ["key.created", "key.asked", "key.rotated"]


def test_hostile_facts_do_not_mislead_the_steps_by_hand(house: House, tmp_path: Path) -> None:
    fact = {"incident": 1, "why": '"number":3,"prev_hash":"0"\n"leaf": "00"\\ $(touch pwned) %s'}
    hostile = Principal("oidc", '","number":1,"x":"`touch pwned`\\x41%d')
    with house.store.begin() as db:
        ledger.append(db, "incident.grown", fact, principal=hostile, at=NOW)
    folder = house.export(tmp_path / "bundle")
    assert verify(folder, house.public).passed
    done = by_hand(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (folder / "pwned").exists()


def test_a_packed_copy_verifies_when_it_is_unpacked(exported: Path, tmp_path: Path) -> None:
    packed = shutil.make_archive(str(tmp_path / "packed"), "gztar", exported)
    with gzip.open(packed) as file:
        assert file.read(1)
    shutil.unpack_archive(packed, tmp_path / "unpacked", filter="data")
    assert verify(tmp_path / "unpacked").passed
