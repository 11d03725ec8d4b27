/** CheckBuild (wire-protocols 5.8): the page's address with the current build number, or undefined when it is current. */

const isBuild = (component: string): boolean => /^[0-9a-fA-F]+$/.test(component)

/**
 * The component before the file name is the build if it has hex digits only; it is replaced, or the build is inserted.
 * `base` is the path of the instance: a component of the instance's own path (a domain called `cafe`) is no build.
 */
export function currentBuildUrl(url: string, build: string, base: string): string | undefined {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    return undefined
  }
  const parts = parsed.pathname.split('/')
  const own = base.split('/').length
  const at = parts.length - 2
  if (at >= own && isBuild(parts[at] ?? '')) parts[at] = build
  else parts.splice(parts.length - 1, 0, build)
  parsed.pathname = parts.join('/')
  return parsed.href === new URL(url).href ? undefined : parsed.href
}
