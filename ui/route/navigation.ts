/** The route of the moment, kept in step with the browser's history. */
import { Cell } from '../state/cell.ts'
import { readRoute, START, writeRoute, type ListRoute, type Route } from './route.ts'

export const route = new Cell<Route>(START)
/** The list as it was left: where a device page leads back to. */
export const lastList = new Cell<ListRoute>(START)

const hashOf = (value: Route): string => `#${writeRoute(value).toString()}`
export const linkTo = hashOf

const show = (value: Route): void => {
  if (value.view === 'devices') lastList.set(value)
  route.set(value)
}

/** A page that would lose something. `ask` may call `go` later. */
interface Hold { stays(to: Route): boolean, ask(go: () => void): void }
let hold: Hold | undefined
/** Keeps the page until `ask` lets it go. @returns the function that ends it */
export function holdHere(by: Hold): () => void {
  hold = by
  return () => { if (hold === by) hold = undefined }
}
/** True when the page stays and asks. */
function held(to: Route): boolean {
  if (!hold || hold.stays(to)) return false
  const { ask } = hold
  ask(() => {
    hold = undefined
    go(to)
  })
  return true
}

/** A step the back button undoes. */
export function go(value: Route): void {
  if (hashOf(value) === hashOf(route.value) || held(value)) return
  history.pushState(null, '', hashOf(value))
  show(value)
}

/** A refinement of the same view (typing, selecting): the back button leads before it. */
export function refine(value: Route): void {
  if (hashOf(value) !== hashOf(route.value)) history.replaceState(null, '', hashOf(value))
  show(value)
}

/** @param args deep link of the start arguments; the hash wins, because a reload keeps both */
export function startNavigation(args: URLSearchParams): void {
  const read = (): Route => readRoute(new URLSearchParams(location.hash.slice(1)))
  if (location.hash.length > 1) show(read())
  else {
    const first = readRoute(args)
    history.replaceState(null, '', hashOf(first))
    show(first)
  }
  const follow = (): void => {
    if (location.hash === hashOf(route.value)) return
    const to = read()
    // The browser is there already: the address of the page that stays comes back.
    if (held(to)) history.pushState(null, '', hashOf(route.value))
    else show(to)
  }
  addEventListener('popstate', follow)
  // A link with a hash in the page itself, or an address typed by hand.
  addEventListener('hashchange', follow)
}
