"""The words of the team's alerts, in French and English."""

from typing import Literal, NamedTuple

Language = Literal["fr", "en"]

LEVELS = {
    "en": {
        "informational": "informational",
        "low": "low",
        "medium": "medium",
        "high": "high",
        "critical": "critical",
    },
    "fr": {
        "informational": "informatif",
        "low": "faible",
        "medium": "moyen",
        "high": "élevé",
        "critical": "critique",
    },
}


class AlertText(NamedTuple):
    """An alert, ready for a message.

    Attributes:
        subject: One line.
        body: Plain text.
    """

    subject: str
    body: str


OPENED = {
    "en": AlertText(
        "{mark}Incident {number}, level {level}: {title}",
        "{mark}Tocsin opened incident {number}, level {level}.\n"
        "\n"
        "First event   {first}\n"
        "Opened        {opened}\n"
        "Findings      {count}\n"
        "{rules}\n"
        "\n"
        "Nobody has judged yet whether this is a breach. By the strict reading the time runs since "
        "the incident was opened.\n"
        "Next: {next}\n",
    ),
    "fr": AlertText(
        "{mark}Incident {number}, niveau {level}\u00a0: {title}",
        "{mark}Tocsin a ouvert l'incident {number}, niveau {level}.\n"
        "\n"
        "Premier événement   {first}\n"
        "Ouvert              {opened}\n"
        "Constats            {count}\n"
        "{rules}\n"
        "\n"
        "Personne n'a encore jugé s'il s'agit d'une violation. Selon la lecture stricte, le délai "
        "court depuis l'ouverture de l'incident.\n"
        "À faire\u00a0: {next}\n",
    ),
}

REPORTED = {
    "en": AlertText(
        "{mark}Incident {number}, level {level}: reported by {who}",
        "{mark}Incident {number}, level {level}, was opened on a report by {who}.\n"
        "\n"
        "Received   {received}\n"
        "Opened     {opened}\n"
        "\n"
        "Nobody has judged yet whether this is a breach. By the strict reading the time runs since "
        "the report was received.\n"
        "Next: {next}\n",
    ),
    "fr": AlertText(
        "{mark}Incident {number}, niveau {level}\u00a0: signalé par {who}",
        "{mark}L'incident {number}, niveau {level}, a été ouvert sur un signalement par {who}.\n"
        "\n"
        "Reçu      {received}\n"
        "Ouvert    {opened}\n"
        "\n"
        "Personne n'a encore jugé s'il s'agit d'une violation. Selon la lecture stricte, le délai "
        "court depuis la réception du signalement.\n"
        "À faire\u00a0: {next}\n",
    ),
}

FURTHER = {
    "en": AlertText(
        "{mark}Incident {number}, level {level}: a further report by {who}",
        "{mark}A further report on incident {number}, level {level}, came from {who}.{again}\n"
        "\n"
        "Received     {received}\n"
        "Taken down   {taken}\n"
        "\n"
        "By the strict reading the time runs since the first detection or report, whichever it "
        "is.\n"
        "Next: {next}\n",
    ),
    "fr": AlertText(
        "{mark}Incident {number}, niveau {level}\u00a0: nouveau signalement par {who}",
        "{mark}L'incident {number}, niveau {level}, a fait l'objet d'un nouveau signalement par "
        "{who}.{again}\n"
        "\n"
        "Reçu      {received}\n"
        "Saisi     {taken}\n"
        "\n"
        "Selon la lecture stricte, le délai court depuis la première détection ou le premier "
        "signalement.\n"
        "À faire\u00a0: {next}\n",
    ),
}

AGAIN = {
    "en": " It was over, and begins again.",
    "fr": " Il était clos et recommence.",
}

REPORTERS = {
    "en": {
        "person": "a person",
        "customer": "a customer",
        "supplier": "a supplier",
        "researcher": "a researcher",
        "authority": "an authority",
        "press": "the press",
    },
    "fr": {
        "person": "une personne",
        "customer": "un client",
        "supplier": "un fournisseur",
        "researcher": "un chercheur",
        "authority": "une autorité",
        "press": "la presse",
    },
}

FAILED = {
    "en": AlertText(
        "{mark}A message of incident {number} did not reach its recipient",
        "{mark}A message of incident {number} was not delivered ({channel}, {attempts} attempts) "
        "and is not tried again.\n"
        "\n"
        "Message   {key}\n"
        "\n"
        "The recipient does not count as notified. Reach them in another way now.\n"
        "When what kept it is mended: `tocsin notice again {key} --why TEXT`\n"
        "Next: {next}\n",
    ),
    "fr": AlertText(
        "{mark}Un message de l'incident {number} n'est pas parvenu à son destinataire",
        "{mark}Un message de l'incident {number} n'a pas été remis ({channel}, {attempts} "
        "tentatives) et ne sera pas renvoyé.\n"
        "\n"
        "Message   {key}\n"
        "\n"
        "Le destinataire n'est pas considéré comme informé. Le joindre autrement, dès maintenant.\n"
        "Une fois la cause corrigée\u00a0: `tocsin notice again {key} --why TEXTE`\n"
        "À faire\u00a0: {next}\n",
    ),
}

ALTERED = {
    "en": AlertText(
        "{mark}A message of incident {number} was altered in the store and was not sent",
        "{mark}A message of incident {number} ({channel}) is not what was approved and queued: "
        "it was altered in the store. It was not sent, and is not tried again.\n"
        "\n"
        "Message   {key}\n"
        "\n"
        "Find out who can write to the store, and keep a copy of it as it is now.\n"
        "The recipient does not count as notified. Reach them in another way now, or put a backup "
        "of the store in place.\n"
        "Why exactly: `tocsin notice status {number}`\n"
        "Next: {next}\n",
    ),
    "fr": AlertText(
        "{mark}Un message de l'incident {number} a été altéré dans la base et n'est pas parti",
        "{mark}Un message de l'incident {number} ({channel}) n'est plus celui qui a été approuvé "
        "et mis en file\u00a0: il a été altéré dans la base. Il n'a pas été envoyé et ne le sera "
        "pas.\n"
        "\n"
        "Message   {key}\n"
        "\n"
        "Chercher qui peut écrire dans la base, et en garder une copie telle qu'elle est.\n"
        "Le destinataire n'est pas considéré comme informé. Le joindre autrement, dès maintenant, "
        "ou remettre en place une sauvegarde de la base.\n"
        "Raison exacte\u00a0: `tocsin notice status {number}`\n"
        "À faire\u00a0: {next}\n",
    ),
}

STUCK = {
    "en": AlertText(
        "{mark}Messages of incident {number} have not gone out yet",
        "{mark}Messages of incident {number} still wait ({channel}): {count}. Each is tried again, "
        "less and less often.\n"
        "\n"
        "One of them   {key}\n"
        "\n"
        "Their recipients do not count as notified. What the other side answers, and what to do "
        "about it: `tocsin notice status {number}`\n"
        "Reach them in another way when their limit is near: this is told once more then.\n"
        "Next: {next}\n",
    ),
    "fr": AlertText(
        "{mark}Des messages de l'incident {number} ne sont pas encore partis",
        "{mark}Messages de l'incident {number} toujours en attente ({channel})\u00a0: {count}. Un "
        "nouvel essai est fait à intervalles croissants.\n"
        "\n"
        "L'un d'eux   {key}\n"
        "\n"
        "Leurs destinataires ne sont pas considérés comme informés. Ce que répond l'autre côté, et "
        "que faire\u00a0: `tocsin notice status {number}`\n"
        "Les joindre autrement quand leur échéance approche\u00a0: un rappel le dira.\n"
        "À faire\u00a0: {next}\n",
    ),
}

STUCK_NEAR = {
    "en": AlertText(
        "{mark}Incident {number}: notices have not gone out, and one is due soon",
        "{mark}Messages of incident {number} still wait ({channel}): {count}. A notice among them "
        "is due within four hours, or was.\n"
        "\n"
        "One of them   {key}\n"
        "\n"
        "Their recipients do not count as notified. Reach them in another way now.\n"
        "What the other side answers: `tocsin notice status {number}`\n"
        "Next: {next}\n",
    ),
    "fr": AlertText(
        "{mark}Incident {number}\u00a0: notifications non parties, une échéance approche",
        "{mark}Messages de l'incident {number} toujours en attente ({channel})\u00a0: {count}. "
        "L'échéance de l'une des notifications tombe dans les quatre heures, ou est passée.\n"
        "\n"
        "L'un d'eux   {key}\n"
        "\n"
        "Leurs destinataires ne sont pas considérés comme informés. Les joindre autrement, dès "
        "maintenant.\n"
        "Ce que répond l'autre côté\u00a0: `tocsin notice status {number}`\n"
        "À faire\u00a0: {next}\n",
    ),
}

IMPACT = {
    "en": AlertText(
        "{mark}Incident {number}: further events change whose data was touched",
        "{mark}Impact run {run} of incident {number} says something else than the one before.\n"
        "\n"
        "Customers newly confirmed   {confirmed}\n"
        "Customers newly possible    {possible}\n"
        "To be decided on again      {again}\n"
        "Waived, and owed again      {owed_again}\n"
        "\n"
        "If this is a confirmed breach, the clocks of customers shown for the first time run from "
        "now. What was waived of a customer that was confirmed before keeps its clock, and may be "
        "due already. Notices that were approved need a new preview and approval; those that were "
        "sent, an update.\n"
        "Next: {next}\n",
    ),
    "fr": AlertText(
        "{mark}Incident {number}\u00a0: de nouveaux événements changent les données touchées",
        "{mark}Le recensement n°\u00a0{run} de l'incident {number} dit autre chose que le "
        "précédent.\n"
        "\n"
        "Clients nouvellement confirmés   {confirmed}\n"
        "Clients nouvellement possibles   {possible}\n"
        "À décider de nouveau             {again}\n"
        "Levés, et dus de nouveau         {owed_again}\n"
        "\n"
        "Si la violation est confirmée, les délais des clients apparus pour la première fois "
        "courent à partir de maintenant. Ce qui avait été levé pour un client déjà confirmé garde "
        "son délai, peut-être échu. Les notifications approuvées demandent un nouvel aperçu "
        "et une nouvelle approbation\u00a0; celles déjà envoyées, une mise à jour.\n"
        "À faire\u00a0: {next}\n",
    ),
}

LOOK = {
    "en": ("open {link}", "run `tocsin incident show {number}`"),
    "fr": ("ouvrir {link}", "lancer `tocsin incident show {number}`"),
}

EXERCISE = {"en": "EXERCISE - ", "fr": "EXERCICE - "}
