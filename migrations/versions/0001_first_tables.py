"""The first tables. Databases from before there were migrations have them; what is there is left as it is."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_tables = sa.MetaData()
sa.Table(
    "erasures",
    _tables,
    sa.Column("receipt", sa.String(16), primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
)
sa.Table(
    "feedback",
    _tables,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("answer", sa.String(255)),
    sa.Column("language", sa.String(8)),
    sa.Column("helpful", sa.Boolean, nullable=False),
)
sa.Table(
    "handovers",
    _tables,
    sa.Column("id", sa.Integer, autoincrement=True, primary_key=True),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("live", sa.String(255)),
    sa.Column("state", sa.String(8), nullable=False, index=True),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("taken_at", sa.Float),
    sa.Column("taken_by", sa.String(120)),
    sa.Column("ended_at", sa.Float),
    sa.UniqueConstraint("live"),
    sqlite_autoincrement=True,
)
sa.Table(
    "leases",
    _tables,
    sa.Column("name", sa.String(300), primary_key=True),
    sa.Column("owner", sa.String(64), nullable=False, index=True),
    sa.Column("until", sa.Float, nullable=False),
)
sa.Table(
    "outbox",
    _tables,
    sa.Column("id", sa.Integer, autoincrement=True, primary_key=True),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("target", sa.String(16), nullable=False),
    sa.Column("group", sa.String(64), nullable=False),
    sa.Column("key", sa.String(96), nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("state", sa.String(8), nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", sa.Float, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("error", sa.String(300)),
    sa.UniqueConstraint("target", "key"),
    sqlite_autoincrement=True,
)
sa.Table(
    "requests",
    _tables,
    sa.Column("reference", sa.String(16), primary_key=True),
    sa.Column("draft", sa.String(64), nullable=False),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("language", sa.String(8), nullable=False),
    sa.Column("same", sa.String(64), nullable=False, index=True),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("changed_at", sa.Float, nullable=False),
    sa.UniqueConstraint("draft"),
)
sa.Table(
    "thread_events",
    _tables,
    sa.Column("seq", sa.Integer, autoincrement=True, primary_key=True),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("client_id", sa.String(64)),
    sa.Column("hidden", sa.Boolean, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("data", sa.Text, nullable=False),
    sa.UniqueConstraint("conversation", "client_id"),
    sqlite_autoincrement=True,
)
sa.Table(
    "whatsapp_contacts",
    _tables,
    sa.Column("conversation", sa.String(255), primary_key=True),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("language", sa.String(8)),
    sa.Column("noticed", sa.Boolean, nullable=False),
    sa.Column("stopped", sa.Boolean, nullable=False),
    sa.Column("wrote_at", sa.Float, nullable=False),
)
sa.Table(
    "whatsapp_identities",
    _tables,
    sa.Column("pseudonym", sa.String(64), primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
)
sa.Table(
    "whatsapp_inbox",
    _tables,
    sa.Column("id", sa.Integer, autoincrement=True, primary_key=True),
    sa.Column("message", sa.String(64), nullable=False),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("sent_at", sa.Float, nullable=False),
    sa.Column("received_at", sa.Float, nullable=False),
    sa.Column("body", sa.Text),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("answered_at", sa.Float, index=True),
    sa.UniqueConstraint("message"),
    sqlite_autoincrement=True,
)
sa.Table(
    "whatsapp_outbox",
    _tables,
    sa.Column("id", sa.Integer, autoincrement=True, primary_key=True),
    sa.Column("token", sa.String(64), nullable=False),
    sa.Column("conversation", sa.String(255), nullable=False, index=True),
    sa.Column("origin", sa.String(16), nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("choices", sa.Text, nullable=False),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", sa.Float, nullable=False),
    sa.Column("error", sa.Integer),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("message", sa.String(64), index=True),
    sa.UniqueConstraint("token"),
    sqlite_autoincrement=True,
)


def upgrade() -> None:
    """Makes those tables that are missing."""
    _tables.create_all(op.get_bind())
