"""reports on candidates name patients' questions without their words

The marks by which newer reports name them are not made up for older ones: the page then says that they are gone.
"""

import json

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'

_trainings = sa.table("trainings", sa.column("id", sa.Integer), sa.column("report", sa.Text))


def upgrade() -> None:
    """Brings the rows one step on."""
    connection = op.get_bind()
    kept = connection.execute(sa.select(_trainings).where(_trainings.c.report.isnot(None))).all()
    for row in kept:
        report = json.loads(row.report)
        for change in report["changes"]:
            if change["part"] != "held_out":
                change["text"] = None
        text = json.dumps(report, ensure_ascii=False)
        connection.execute(_trainings.update().where(_trainings.c.id == row.id).values(report=text))
