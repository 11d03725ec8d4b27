/** Old and new value of an entry of the audit log, setting by setting. Pure. */

export interface Change { readonly setting: string, readonly before: string, readonly after: string }

/** `name: x; access: a b` as pairs; undefined when a part is something else. */
function pairs(text: string): Map<string, string> | undefined {
  const found = new Map<string, string>()
  if (text === '') return found
  for (const part of text.split('; ')) {
    const match = /^([A-Za-z][A-Za-z ]{0,40}): ?(.*)$/s.exec(part)
    if (!match) return undefined
    found.set(match[1] ?? '', match[2] ?? '')
  }
  return found
}

/** What changed, one line for each setting; the texts themselves (with an empty setting) where they are no lists of settings. */
export function changesOf(before: string, after: string): Change[] {
  if (before === '' && after === '') return []
  const old = pairs(before)
  const now = pairs(after)
  if (!old || !now) return [{ setting: '', before, after }]
  return [...new Set([...old.keys(), ...now.keys()])].map(setting => ({ setting, before: old.get(setting) ?? '', after: now.get(setting) ?? '' }))
}
