"""Start the engines, an empty rehearsal and the simulated WeChat, and run the demo on them."""

import os

from deploy import engines, manager
from deploy.demo import driver
from deploy.demo.console_output import ConsoleOutput
from deploy.demo.reset import reset
from deploy.local import paths
from deploy.topology.admission_settings import use_rehearsal_limits
from shared.settings import Settings

CAMPAIGN = "demo"


def run_demo(*, seed: int, entries: int, voters: int, likes: int) -> int:
    """Run the demo and return its exit code. Its campaign is always `demo`; the data of an earlier demo are deleted."""
    output = ConsoleOutput()
    output.heading("Engines and processes")
    os.environ["BAIJIA_CAMPAIGN"] = CAMPAIGN
    stack = manager.current()
    stack.stop()
    data = paths.home() / "campaigns" / CAMPAIGN / "data"
    empty = {**engines.up().environment(), "BAIJIA_CAMPAIGN": CAMPAIGN, "BAIJIA_DATA": str(data)}
    reset(Settings.read(empty), seed=seed)
    use_rehearsal_limits(Settings.read(empty))
    stack = manager.start(CAMPAIGN, data=data, simulate=True)
    output.print_line(engines.status())
    settings = Settings.read(stack.environment())
    return driver.run(settings, stack, seed=seed, size=driver.Size(entries, voters, likes), output=output)
