"""
The vendors' services, simulated: `with Simulator(view="intended", switch="slow") as service: service.url`.

Verdicts come from answers labelled by hand, and from a reading of the documents that shares no code with the product.
`python tests/contract/simulator --help` runs it for people.
"""

from tests.contract.simulator.documents import INTENDED, PUBLISHED, VIEWS
from tests.contract.simulator.service import KEY, Request, Simulator
from tests.contract.simulator.switches import SWITCHES

__all__ = ["INTENDED", "KEY", "PUBLISHED", "SWITCHES", "VIEWS", "Request", "Simulator"]
