/** The printed sheet of a roll-out: for each code a slip to cut out, with name, digits, QR code and what to do. */
import { render } from 'preact'
import { domainName } from '../session/session.ts'
import { formatDateTime } from '../text/text.ts'
import type { ProvisioningCode } from '../../app/protocol/provisioning-messages.ts'
import { grouped, registrationUrl } from './codes.ts'
import { qrText } from './qr.ts'
import { QrCode } from './qr-code.tsx'
import { w } from './words.ts'

const Slip = ({ code }: { code: ProvisioningCode }) => (
  <section class="slip">
    <div>
      <h2>{code.sip || w('sheet.anyone')}</h2>
      <p class="slip-for">{code.category} · {domainName(code.domainId)}</p>
      <p class="slip-digits">{grouped(code.code)}</p>
      <ol>
        <li>{w('sheet.step1')}{registrationUrl.value && <><br /><span class="slip-url">{registrationUrl.value}</span></>}</li>
        <li>{w('sheet.step2')}</li>
        <li>{w('sheet.step3', formatDateTime(code.validUntil))}</li>
      </ol>
    </div>
    <QrCode text={qrText(code.code, registrationUrl.value)} label={grouped(code.code)} />
  </section>
)

/** Prints the codes; the page itself is not printed. */
export function printSheet(list: readonly ProvisioningCode[]): void {
  const sheet = document.createElement('div')
  sheet.className = 'sheet'
  document.body.append(sheet)
  render(<>{list.map(code => <Slip key={code.code} code={code} />)}</>, sheet)
  const done = (): void => {
    removeEventListener('afterprint', done)
    render(null, sheet)
    sheet.remove()
  }
  addEventListener('afterprint', done)
  window.print()
}
