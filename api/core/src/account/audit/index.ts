export { type Attempt, audited, auditFailure } from "./attempt.ts";
export { type AuditActor, type AuditEvent, type AuditTarget, audit, auditAll } from "./entry.ts";
export { type AuditFilter, auditWhere } from "./filter.ts";
