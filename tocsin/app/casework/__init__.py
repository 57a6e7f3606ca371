"""From an incident to the customers' hands: what the rooms of ``incidents`` need of each other.

settings   what config.toml says of operator, team, channels, evidence
desk       state, archive, key and channels, opened once
people     what people say about a breach, from a file
known      everything known of an incident, as one transaction sees it
grounds    the same from one customer: what was said, what is missing, whom to ask
counted    the facts of a notice that an impact run gives
covered    those on logs: what they cover, which stores they rule out
filling    the facts of one customer's notice, from everything known
overview   one incident, read whole
course     who did what to it, when and why
following  what can be done next
case_view  all of that on the terminal
customers_view  its customers on the terminal, excluded ones too
views      lists and tables on the terminal
reported   what was attached to reports, written out
further    a further report on an incident that is there
acts       list, show, report, judge, assess, note, contain, close
measuring  compute the impact and keep it, show a run that was kept
sending    preview, approve and send notices
overtaken  impact runs that events have overtaken, made again
duties     take, decide, explain, waive, file: what people do about what is owed
settling   which commands settle what keeps an incident open
impacts    an impact run, with the clocks it starts
asking     on whom a person has to decide again
declaring  the impact of what no event tells, stated by a person
unregistered  customers that no register knows, said wherever they would be missed
beside     what a person states beside what events tell
joining    one customer as events tell it and as a person states it
catching_up  customers of runs of before that their cases do not know
letters    which notice each customer gets next, and the messages that carry it
reaching   which notices reached whom
recalling  notices that wait and are judged so no more, taken back
withdrawing  who was told of a breach that was none, and is to be told so
calling    the calls beside notices, before anything is sent
replies    what comes back for a notice: reports, answers, codes
books      registers and data map
telling    alerts and reminders as messages
reminding  the words of a reminder
ticking    clocks, reminders, delivery: what the service does besides collecting
signing    the ledger signed: as notices leave, and by the service
bundling   everything about an incident, for a bundle of evidence
naming     everybody's names: what no other may read
allowing   words that customers of an incident may read all the same
"""
