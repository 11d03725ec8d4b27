/** Codes as a table for other programs: CSV with semicolons, as the other exports of the service (wire-protocols 3.12). */
import { domainName } from '../session/session.ts'
import type { ProvisioningCode } from '../../app/protocol/provisioning-messages.ts'
import { registrationUrl } from './codes.ts'
import { w } from './words.ts'

/** One cell. A text that a spreadsheet would run as a formula is marked as text. */
export function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[";\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function codesAsCsv(list: readonly ProvisioningCode[]): string {
  const head = [w('column.name'), w('column.code'), w('category'), w('domain'), w('csv.validUntil'), w('csv.state'), w('csv.device'), w('csv.url')]
  const rows = list.map(code => [code.sip, code.code, code.category, domainName(code.domainId), new Date(code.validUntil).toISOString(), w(`state.${code.state}`), code.hwId ?? '', registrationUrl.value ?? ''])
  // The mark at the start tells spreadsheets that this is UTF-8.
  return '\uFEFF' + [head, ...rows].map(row => row.map(csvCell).join(';')).join('\r\n') + '\r\n'
}

export function download(name: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }))
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
