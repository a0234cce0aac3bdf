-- Object: the privileges on all of the above
-- Does:   leaves nothing to PUBLIC; the owner alone, and whom the operator grants
-- Grain:  none
-- Reads:  nothing
-- Params: none
-- Try:    \ddp
REVOKE ALL ON SCHEMA core, derived, api FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA core, derived, api FROM PUBLIC;
REVOKE ALL ON ALL ROUTINES IN SCHEMA api FROM PUBLIC;
