/** Who gets an app: rights by config templates (wire-protocols 7.2: GetConfigObjects, GetObject, UpdateObject {apps}). */
import { faultOf, type Fault } from './fault.ts'
import type { Pbx, Template } from './pbx.ts'

/** `apps` undefined: could not be read, so it is left alone. */
export interface TemplateState { readonly template: Template, readonly apps: readonly string[] | undefined }

/** Templates asked at the same time. */
const AT_ONCE = 4

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()
export const gives = (state: TemplateState, sip: string): boolean => sip !== '' && (state.apps ?? []).some(name => same(name, sip))

/** All templates with their apps. `progress` is told how many have been read. */
export async function readTemplates(pbx: Pbx, progress: (read: number, of: number) => void = () => {}): Promise<TemplateState[]> {
  const all = await pbx.templates()
  const states: TemplateState[] = []
  for (let at = 0; at < all.length; at += AT_ONCE) {
    progress(at, all.length)
    states.push(...await Promise.all(all.slice(at, at + AT_ONCE).map(async template => ({ template, apps: await pbx.templateApps(template).catch(() => undefined) }))))
  }
  return states
}

/**
 * Makes the templates give the app `sip` as wanted, and no longer its former name. Each is read again before it is written, so that
 * what somebody else has changed meanwhile stays. Resolves with the templates that could not be changed.
 */
export async function writeTemplates(pbx: Pbx, states: readonly TemplateState[], change: { former: string, sip: string, wanted: (template: Template) => boolean }): Promise<{ name: string, fault: Fault }[]> {
  const failed: { name: string, fault: Fault }[] = []
  for (const state of states) {
    const { template } = state
    const wanted = change.wanted(template)
    if (state.apps === undefined) continue
    if (wanted === gives(state, change.sip) && (same(change.former, change.sip) || !gives(state, change.former))) continue
    try {
      const now = await pbx.templateApps(template)
      if (now === undefined) continue
      const others = now.filter(name => !same(name, change.sip) && !(change.former !== '' && same(name, change.former)))
      await pbx.setTemplateApps(template, wanted ? [...others, change.sip] : others)
    } catch (cause) {
      failed.push({ name: template.name, fault: faultOf(cause) })
    }
  }
  return failed
}
