"""Settings of the Superset in the tests, whose metadata stand in the folder SUPERSET_HOME."""

SECRET_KEY = "for the tests only: it protects nothing"
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
# As in production, where a database has to say that its charts aren't to be cached.
DATA_CACHE_CONFIG = {"CACHE_TYPE": "SimpleCache", "CACHE_DEFAULT_TIMEOUT": 86400}
