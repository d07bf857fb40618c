"""The first answer of a process: the shipped set is indexed and asked. Imports nothing else."""

import json

from knowledge import cases
from knowledge.search import CaseIndex, Document


def main() -> None:
    index = CaseIndex.build(
        Document(one.ref, one.title, one.body, one.keywords) for one in cases.shipped().values()
    )
    found = index.search("봉안당 증축")
    print(json.dumps({"documents": len(index), "hits": len(found.hits)}))


if __name__ == "__main__":
    main()
