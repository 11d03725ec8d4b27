/** English texts of domains, rights, settings and the audit log; loaded with their views. */
export const en = {
} as const
