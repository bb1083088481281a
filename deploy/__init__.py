"""Set-up, engines, processes and the command line of the product."""

import warnings

# nameko is built on eventlet, which warns that it is deprecated. That warning is for the developers (DECISIONS 7), not
# for the person who types a command.
warnings.filterwarnings("ignore", message=r"(?s).*Eventlet is deprecated")
