"""Several batches as one."""

from collections.abc import Sequence
from itertools import accumulate

from collectors.base import Batch
from tocsin.model.columns import join
from tocsin.model.findings import Hit


def combined(batches: Sequence[Batch]) -> Batch:
    """Return batches as one, in their order."""
    says = dict[str, bool]()
    for one in batches:
        for name, does in one.says_outcome.items():
            says[name] = does or says.get(name, False)
    sizes = accumulate((len(one.columns) for one in batches), initial=0)
    return Batch(
        columns=join([one.columns for one in batches]),
        hits=tuple(
            Hit(before + row, rule, why)
            for before, one in zip(sizes, batches, strict=False)
            for row, rule, why in one.hits
        ),
        rejects=tuple(reject for one in batches for reject in one.rejects),
        objects=tuple(found for one in batches for found in one.objects),
        records=sum(one.records for one in batches),
        faults={rule: what for one in batches for rule, what in one.faults.items()},
        unmapped=frozenset[str]().union(*(one.unmapped for one in batches)),
        says_outcome=says,
    )
