/**
 * The text of one member of a JSON object as the login digest wants it: in the received order of members, without white space
 * and without unnecessary escapes (wire-protocols 5.4). `JSON.stringify(JSON.parse(…))` would reorder integer-like keys and
 * rewrite numbers such as `1.0`.
 */

/** Index behind the string literal that begins at `start`. */
function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

const literal = (text: string): string => {
  const value: unknown = JSON.parse(text)
  return JSON.stringify(value)
}

/** Compact text of the member `name` of the object in `json`; undefined when it has none. `json` must be valid JSON. */
export function compactMember(json: string, name: string): string | undefined {
  let depth = 0
  let key: string | undefined
  let out: string | undefined
  let found: string | undefined
  for (let at = 0; at < json.length;) {
    const char = json[at] as string
    if (char === '"') {
      const end = stringEnd(json, at)
      const token = json.slice(at, end)
      if (out !== undefined) out += literal(token)
      else if (depth === 1 && key === undefined) key = String(JSON.parse(token))
      at = end
      continue
    }
    at++
    if (/\s/.test(char)) continue
    if (char === '}' || char === ']') depth--
    if (depth === 1 && char === ':' && out === undefined) {
      if (key === name) out = ''
      continue
    }
    if ((depth === 1 && char === ',') || depth === 0) {
      // A later member of the same name wins, as JSON.parse has it.
      if (out !== undefined) { found = out; out = undefined }
      key = undefined
      if (char === '{') depth++
      continue
    }
    if (char === '{' || char === '[') depth++
    if (out !== undefined) out += char
  }
  return found
}
