DROP INDEX authkit_factor_pending;
DROP INDEX authkit_account_deleted;
ALTER TABLE authkit_account DROP COLUMN recovery_codes_left;
ALTER TABLE authkit_account DROP COLUMN totp_factors;
ALTER TABLE authkit_account DROP COLUMN password_history;
