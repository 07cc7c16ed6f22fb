"""The entry of the dashboard: `streamlit run dashboard/app.py`."""

import streamlit as st

from dashboard.shell.pages import navigation

st.set_page_config(page_title="Ermine", page_icon=":material/monitoring:", layout="wide")
navigation().run()
