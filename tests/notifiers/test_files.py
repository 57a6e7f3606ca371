"""Messages in a folder are what would have been sent."""

import json
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from notifiers.files import FilesNotifier, FilesSettings
from tests.notifiers.support import alert, call, dispatch, mail
from tocsin.errors import RetryLater


def written(folder: Path) -> FilesNotifier:
    notifier = FilesNotifier(FilesSettings(folder=folder, operator="Tocsin Télécom"))
    for message in (mail(), call(), alert()):
        notifier.send(dispatch(message, notifier))
    return notifier


def test_each_channel_has_its_kind_of_file(tmp_path: Path) -> None:
    written(tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        "alert%2F12%2Fchat.json",
        "call%2F12%2Facme%2F1.txt",
        "notice%2F12%2Facme%2F1.eml",
    ]
    found = message_from_bytes(
        (tmp_path / "notice%2F12%2Facme%2F1.eml").read_bytes(), policy=default
    )
    assert found["To"].addresses[0].addr_spec == "helene@customer.example"
    said = (tmp_path / "call%2F12%2Facme%2F1.txt").read_text()
    assert said.startswith(
        "+33123456789\n\nBonjour, ici Tocsin Télécom. Ceci est un appel automatique."
    )
    assert json.loads((tmp_path / "alert%2F12%2Fchat.json").read_text())["to"] == "security"


def test_a_file_that_is_there_is_found_after_a_crash(tmp_path: Path) -> None:
    notifier = written(tmp_path)
    assert notifier.look_up(dispatch(mail(), notifier), ()) is not None
    assert notifier.look_up(dispatch(mail("other"), notifier), ()) is None


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    notifier = FilesNotifier(FilesSettings(folder=tmp_path / "file" / "folder"))
    with pytest.raises(RetryLater, match="cannot be written") as raised:
        notifier.send(dispatch(mail(), notifier))
    assert raised.value.hint


@pytest.mark.parametrize("key", ["../../x", "..", "/etc/x"])
def test_no_key_leads_out_of_the_folder(key: str, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    notifier = FilesNotifier(FilesSettings(folder=folder))
    if ".." in key:
        with pytest.raises(ValueError, match="key"):
            mail(key)
        return
    notifier.send(dispatch(mail(key), notifier))
    assert [one.parent for one in tmp_path.rglob("*.eml")] == [folder]
