"""the staff console"""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'

_YEAR = 365 * 86_400  # seconds in which nothing of the audit log can be deleted
_TRIGGERS = {
    "sqlite": (
        "CREATE VIRTUAL TABLE messages_search USING fts5(words, content='messages', content_rowid='id')",
        "CREATE TRIGGER messages_search_add AFTER INSERT ON messages BEGIN"
        " INSERT INTO messages_search (rowid, words) VALUES (new.id, new.words); END",
        "CREATE TRIGGER messages_search_gone AFTER DELETE ON messages BEGIN"
        " INSERT INTO messages_search (messages_search, rowid, words) VALUES ('delete', old.id, old.words); END",
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit"
        " BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END",
        f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit WHEN old.at > (julianday('now') - 2440587.5) * 86400 - {_YEAR}"
        " BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END",
    ),
    "postgresql": (
        "CREATE INDEX messages_words ON messages USING gin (to_tsvector('simple', words))",
        "CREATE RULE audit_no_update AS ON UPDATE TO audit DO INSTEAD NOTHING",
        "CREATE RULE audit_no_delete AS ON DELETE TO audit"
        f" WHERE old.at > extract(epoch FROM now()) - {_YEAR} DO INSTEAD NOTHING",
    ),
}


def upgrade() -> None:
    """Brings the tables one step on."""
    op.create_table('answer_reviews',
    sa.Column('topic', sa.String(length=80), nullable=False),
    sa.Column('staff', sa.String(length=120), nullable=False),
    sa.Column('at', sa.Float(), nullable=False),
    sa.Column('due', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('topic')
    )
    op.create_table('answer_versions',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('topic', sa.String(length=80), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('entry', sa.Text(), nullable=True),
    sa.Column('base', sa.String(length=64), nullable=False),
    sa.Column('staff', sa.String(length=120), nullable=False),
    sa.Column('at', sa.Float(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('decided_by', sa.String(length=120), nullable=True),
    sa.Column('decided_at', sa.Float(), nullable=True),
    sa.Column('returns_to', sa.Integer(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('answer_versions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_answer_versions_state'), ['state'], unique=False)
        batch_op.create_index(batch_op.f('ix_answer_versions_topic'), ['topic'], unique=False)

    op.create_table('assignments',
    sa.Column('subject', sa.String(length=255), nullable=False),
    sa.Column('conversation', sa.String(length=255), nullable=False),
    sa.Column('staff', sa.String(length=120), nullable=True),
    sa.Column('due', sa.Float(), nullable=True),
    sa.Column('at', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('subject')
    )
    with op.batch_alter_table('assignments', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_assignments_conversation'), ['conversation'], unique=False)
        batch_op.create_index(batch_op.f('ix_assignments_staff'), ['staff'], unique=False)

    op.create_table('audit',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('at', sa.Float(), nullable=False),
    sa.Column('staff', sa.String(length=120), nullable=False),
    sa.Column('action', sa.String(length=40), nullable=False),
    sa.Column('subject', sa.String(length=255), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_audit_at'), ['at'], unique=False)

    op.create_table('conversations',
    sa.Column('conversation', sa.String(length=255), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=True),
    sa.Column('first_at', sa.Float(), nullable=False),
    sa.Column('last_at', sa.Float(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('preview', sa.Text(), nullable=False),
    sa.Column('lowest', sa.Float(), nullable=True),
    sa.Column('emergency', sa.Boolean(), nullable=False),
    sa.Column('near_miss', sa.Boolean(), nullable=False),
    sa.Column('unsure', sa.Boolean(), nullable=False),
    sa.Column('uncovered', sa.Boolean(), nullable=False),
    sa.Column('rephrased', sa.Boolean(), nullable=False),
    sa.Column('down', sa.Boolean(), nullable=False),
    sa.Column('up', sa.Boolean(), nullable=False),
    sa.Column('appointment', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('conversation')
    )
    with op.batch_alter_table('conversations', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_conversations_last_at'), ['last_at'], unique=False)

    op.create_table('message_cursor',
    sa.Column('name', sa.String(length=16), nullable=False),
    sa.Column('event', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('message_days',
    sa.Column('day', sa.String(length=10), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('topic', sa.String(length=80), nullable=False),
    sa.Column('messages', sa.Integer(), nullable=False),
    sa.Column('answered', sa.Integer(), nullable=False),
    sa.Column('unsure', sa.Integer(), nullable=False),
    sa.Column('uncovered', sa.Integer(), nullable=False),
    sa.Column('refused', sa.Integer(), nullable=False),
    sa.Column('emergency', sa.Integer(), nullable=False),
    sa.Column('other', sa.Integer(), nullable=False),
    sa.Column('up', sa.Integer(), nullable=False),
    sa.Column('down', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'language', 'channel', 'topic')
    )
    op.create_table('messages',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('conversation', sa.String(length=255), nullable=False),
    sa.Column('at', sa.Float(), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=True),
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('button', sa.Boolean(), nullable=False),
    sa.Column('intent', sa.String(length=80), nullable=True),
    sa.Column('confidence', sa.Float(), nullable=True),
    sa.Column('ranking', sa.Text(), nullable=False),
    sa.Column('red_flag', sa.String(length=80), nullable=True),
    sa.Column('answers', sa.Text(), nullable=False),
    sa.Column('near_miss', sa.Boolean(), nullable=False),
    sa.Column('unsure', sa.Boolean(), nullable=False),
    sa.Column('uncovered', sa.Boolean(), nullable=False),
    sa.Column('refused', sa.Boolean(), nullable=False),
    sa.Column('down', sa.Boolean(), nullable=False),
    sa.Column('missed', sa.Boolean(), nullable=False),
    sa.Column('up', sa.Boolean(), nullable=False),
    sa.Column('rephrased', sa.Boolean(), nullable=False),
    sa.Column('meant', sa.String(length=80), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('messages', schema=None) as batch_op:
        batch_op.create_index('messages_about', ['intent', 'conversation'], unique=False)
        batch_op.create_index('messages_at', ['at'], unique=False)
        batch_op.create_index('messages_down', ['id'], unique=False, sqlite_where=sa.text('down'), postgresql_where=sa.text('down'))
        batch_op.create_index('messages_missed', ['id'], unique=False, sqlite_where=sa.text('missed'), postgresql_where=sa.text('missed'))
        batch_op.create_index('messages_near_miss', ['id'], unique=False, sqlite_where=sa.text('near_miss'), postgresql_where=sa.text('near_miss'))
        batch_op.create_index('messages_of', ['conversation', 'id'], unique=False)
        batch_op.create_index('messages_on', ['intent', 'at'], unique=False)
        batch_op.create_index('messages_refused', ['id'], unique=False, sqlite_where=sa.text('refused'), postgresql_where=sa.text('refused'))
        batch_op.create_index('messages_rephrased', ['id'], unique=False, sqlite_where=sa.text('rephrased'), postgresql_where=sa.text('rephrased'))
        batch_op.create_index('messages_uncovered', ['id'], unique=False, sqlite_where=sa.text('uncovered'), postgresql_where=sa.text('uncovered'))
        batch_op.create_index('messages_unsure', ['id'], unique=False, sqlite_where=sa.text('unsure'), postgresql_where=sa.text('unsure'))

    op.create_table('promotions',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('at', sa.Float(), nullable=False),
    sa.Column('model', sa.String(length=80), nullable=False),
    sa.Column('version', sa.String(length=16), nullable=False),
    sa.Column('staff', sa.String(length=120), nullable=False),
    sa.Column('training', sa.Integer(), nullable=True),
    sa.Column('loaded_at', sa.Float(), nullable=True),
    sa.Column('failed', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('promotions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_promotions_at'), ['at'], unique=False)

    op.create_table('proposals',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('message', sa.Integer(), nullable=True),
    sa.Column('conversation', sa.String(length=255), nullable=True),
    sa.Column('batch', sa.String(length=16), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('intent', sa.String(length=80), nullable=False),
    sa.Column('use', sa.String(length=16), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('why', sa.String(length=40), nullable=True),
    sa.Column('proposer', sa.String(length=120), nullable=False),
    sa.Column('at', sa.Float(), nullable=False),
    sa.Column('approver', sa.String(length=120), nullable=True),
    sa.Column('decided_at', sa.Float(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('proposals', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proposals_batch'), ['batch'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposals_conversation'), ['conversation'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposals_state'), ['state'], unique=False)

    op.create_table('retention_runs',
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('at', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('kind')
    )
    op.create_table('review_notes',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('conversation', sa.String(length=255), nullable=False),
    sa.Column('at', sa.Float(), nullable=False),
    sa.Column('staff', sa.String(length=120), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    with op.batch_alter_table('review_notes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_notes_conversation'), ['conversation'], unique=False)

    op.create_table('review_tags',
    sa.Column('conversation', sa.String(length=255), nullable=False),
    sa.Column('tag', sa.String(length=40), nullable=False),
    sa.PrimaryKeyConstraint('conversation', 'tag')
    )
    with op.batch_alter_table('review_tags', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_review_tags_tag'), ['tag'], unique=False)

    op.create_table('reviewed',
    sa.Column('conversation', sa.String(length=255), nullable=False),
    sa.Column('at', sa.Float(), nullable=False),
    sa.Column('staff', sa.String(length=120), nullable=False),
    sa.PrimaryKeyConstraint('conversation')
    )
    op.create_table('saved_filters',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('staff', sa.String(length=120), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('query', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('staff', 'name')
    )
    with op.batch_alter_table('saved_filters', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_saved_filters_staff'), ['staff'], unique=False)

    op.create_table('shares',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('conversation', sa.String(length=255), nullable=False),
    sa.Column('staff', sa.String(length=120), nullable=False),
    sa.Column('at', sa.Float(), nullable=False),
    sa.Column('until', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('shares', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_shares_conversation'), ['conversation'], unique=False)

    op.create_table('staff',
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('role', sa.String(length=16), nullable=False),
    sa.Column('password', sa.String(length=255), nullable=False),
    sa.Column('totp', sa.Text(), nullable=True),
    sa.Column('totp_step', sa.Integer(), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=True),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('staff_attempts',
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('at', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('staff_invitations',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=True),
    sa.Column('role', sa.String(length=16), nullable=False),
    sa.Column('until', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('key')
    )
    op.create_table('staff_sessions',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('began', sa.Float(), nullable=False),
    sa.Column('seen', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('key')
    )
    with op.batch_alter_table('staff_sessions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_sessions_name'), ['name'], unique=False)

    op.create_table('stale_days',
    sa.Column('day', sa.String(length=10), nullable=False),
    sa.PrimaryKeyConstraint('day')
    )
    op.create_table('trainings',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('staff', sa.String(length=120), nullable=False),
    sa.Column('at', sa.Float(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('running', sa.Boolean(), nullable=True),
    sa.Column('seen', sa.Float(), nullable=False),
    sa.Column('stop', sa.Boolean(), nullable=False),
    sa.Column('step', sa.String(length=120), nullable=False),
    sa.Column('why', sa.String(length=40), nullable=True),
    sa.Column('base', sa.String(length=16), nullable=True),
    sa.Column('version', sa.String(length=16), nullable=True),
    sa.Column('model', sa.String(length=80), nullable=True),
    sa.Column('report', sa.Text(), nullable=True),
    sa.Column('ended', sa.Float(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('running'),
    sqlite_autoincrement=True
    )
    op.create_table('verdicts',
    sa.Column('message', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('conversation', sa.String(length=255), nullable=False),
    sa.Column('batch', sa.String(length=16), nullable=False),
    sa.Column('verdict', sa.String(length=16), nullable=False),
    sa.Column('answer', sa.String(length=80), nullable=True),
    sa.Column('staff', sa.String(length=120), nullable=False),
    sa.Column('at', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('message')
    )
    with op.batch_alter_table('verdicts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_verdicts_batch'), ['batch'], unique=False)
        batch_op.create_index(batch_op.f('ix_verdicts_conversation'), ['conversation'], unique=False)
    for statement in _TRIGGERS[op.get_context().dialect.name]:
        op.execute(statement)
