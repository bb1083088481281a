"""Where the tests find the product's own files."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
CAMPAIGN_FILE = ROOT / "deploy" / "campaigns" / "2021-baijia.toml"
