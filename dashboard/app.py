"""The entry of the dashboard: `streamlit run dashboard/app.py`."""

import os
import sys
from pathlib import Path

# Hosts that install requirements.txt alone have the project as files only: it must be found from
# here, and from the workers that this process starts.
ROOT = str(Path(__file__).resolve().parent.parent)
if ROOT not in sys.path:
    sys.path.insert(1, ROOT)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [ROOT, os.environ.get("PYTHONPATH")]))

import streamlit as st  # noqa: E402

from dashboard.shell.pages import navigation  # noqa: E402

st.set_page_config(page_title="Ermine", page_icon=f"{ROOT}/dashboard/icon.png", layout="wide")
navigation().run()
