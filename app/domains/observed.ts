/** Second registrations: an instance or a domain may only observe devices; then nothing is configured, updated or deployed (features 13). */

export interface Observation {
  readonly instance: { readonly observer: boolean }
  readonly domains: { get(id: number): { readonly observer: boolean } | undefined }
}

/** Are devices of that domain only observed? */
export const isObserved = ({ instance, domains }: Observation, domainId: number): boolean => instance.observer || domains.get(domainId)?.observer === true

/** Condition on rows of devices whose domain only observes them. */
export const OBSERVED = 'domain_id IN (SELECT id FROM domains WHERE observer = 1)'
