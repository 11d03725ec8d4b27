/** The address of automatic provisioning (features 5.4). Pure. */

/** @param base registration URL of the service; parameters it has already stay */
export function provisioningUrl(base: string, domain: string, token: string, category: string): string {
  const url = new URL(base)
  for (const [name, value] of Object.entries({ domain, token, category })) url.searchParams.set(name, value)
  // Devices read %20 everywhere, a plus only in some places.
  return url.href.replaceAll('+', '%20')
}
