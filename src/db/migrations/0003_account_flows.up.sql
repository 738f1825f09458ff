-- Former passwords, how many second factors and recovery codes there are, and which accounts were closed when.
ALTER TABLE authkit_account ADD COLUMN password_history TEXT NOT NULL DEFAULT '[]';
ALTER TABLE authkit_account ADD COLUMN totp_factors @NUMBER@ NOT NULL DEFAULT 0;
ALTER TABLE authkit_account ADD COLUMN recovery_codes_left @NUMBER@ NOT NULL DEFAULT 0;
CREATE INDEX authkit_account_deleted ON authkit_account (tenant, deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX authkit_factor_pending ON authkit_factor (tenant, created_at) WHERE confirmed_at IS NULL;
