/** How devices come in by themselves: the automatic address, and the update URL for devices with factory settings (features 5.3, 5.4). */
import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { CopyButton } from '../parts/copy-button.tsx'
import { Select } from '../parts/fields.tsx'
import { Icon } from '../parts/icons.tsx'
import { likelyDomain } from '../devices/domain-dialogs.tsx'
import { domainsRoute } from '../domains/domains-page.tsx'
import { linkTo } from '../route/navigation.ts'
import { pageRoute } from '../route/route.ts'
import { useWhyNot } from '../session/rights.ts'
import { connection, domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { initUrl, registrationUrl } from './codes.ts'
import { w } from './words.ts'

const Code = ({ text, label }: { text: string, label: string }) => <div class="urlbox"><code>{text}</code><CopyButton text={text} label={label} /></div>
const Step = ({ n, title, children }: { n: number, title: string, children: ComponentChildren }) => (
  <section class="step now"><span class="n">{n}</span><div><h2>{title}</h2><div class="in-step">{children}</div></div></section>
)

function useRegistrationUrl(): string | undefined {
  const url = useCell(registrationUrl)
  useEffect(() => { if (registrationUrl.value === undefined) connection().request('GetRegistrationUrl', {}).then(reply => registrationUrl.set(reply.url), () => undefined) }, [])
  return url
}

export const Automatic = () => {
  const all = useCell(domains)
  const url = useRegistrationUrl()
  const refused = useWhyNot('manage')
  const [chosen, setDomain] = useState('')
  const [wanted, setCategory] = useState('')
  const domain = all.find(one => one.name === chosen) ?? all.find(one => one.id === likelyDomain())
  const categories = (domain?.categories ?? []).filter(one => one.config)
  const category = categories.find(one => one.name === wanted)?.name ?? categories[0]?.name
  const shape = `${url ?? 'wss://…/sysclients'}?domain=${encodeURIComponent(domain?.name ?? '')}&token=${w('auto.token')}&category=${encodeURIComponent(category ?? '…')}`
  return (
    <div class="first stack">
      <p class="lead">{w('auto.about')}</p>
      <div>
        <Step n={1} title={w('auto.tokenTitle')}>
          <p class="dim">{w('auto.tokenAbout')}</p>
          <div class="fields">
            {all.length > 1 && <Select id="auto-domain" label={w('domain')} value={domain?.name ?? ''} onChange={setDomain} options={all.map(one => ({ value: one.name, label: one.name }))} />}
            {categories.length > 0 && <Select id="auto-category" label={w('category')} value={category ?? ''} onChange={setCategory} options={categories.map(one => ({ value: one.name, label: one.name }))} />}
          </div>
          {domain && <div class="btns">{refused === undefined ? <a class="btn" href={linkTo(pageRoute('domain', { name: domain.name }))}><Icon name="key" />{w('auto.toDomain', domain.name)}</a> : <span class="dim">{refused}</span>}</div>}
        </Step>
        <Step n={2} title={w('auto.addressTitle')}>
          <p class="dim">{w('auto.addressAbout')}</p>
          <Code text={shape} label={w('auto.copyShape')} />
          <p class="dim">{w('auto.command')}</p>
          <Code text={`!config change SYSCLIENT /sysadmin ${shape}`} label={w('auto.copyCommand')} />
        </Step>
        <Step n={3} title={w('auto.effectTitle')}><p class="dim">{w('auto.effect')}</p></Step>
      </div>
    </div>
  )
}

export const Offline = () => {
  const url = useRegistrationUrl()
  const refused = useWhyNot('admin')
  const [on, setOn] = useState<boolean>()
  useEffect(() => { if (refused === undefined) connection().request('GetInstanceSettings', {}).then(reply => setOn(reply.settings.offlineProvisioning), () => undefined) }, [refused])
  const init = url === undefined ? undefined : initUrl(url)
  return (
    <div class="first stack">
      <p class="lead">{w('offline.about')}</p>
      {on === false && <p class="msg warn box"><Icon name="warn" /><span>{w('offline.off')} <a href={linkTo(domainsRoute('instance'))}>{w('offline.turnOn')}</a></span></p>}
      {on === true && <p class="msg ok"><Icon name="ok" /><span>{w('offline.on')}</span></p>}
      {refused !== undefined && <p class="msg"><Icon name="info" /><span>{w('offline.askAdmin')}</span></p>}
      <div>
        <Step n={1} title={w('offline.urlTitle')}><p class="dim">{w('offline.urlAbout')}</p>{init !== undefined && <Code text={init} label={w('copyUrl')} />}</Step>
        <Step n={2} title={w('offline.dhcpTitle')}><p class="dim">{w('offline.dhcpAbout')}</p>
          {init !== undefined && <><Code text={`${w('offline.option')} 215 = ${init}`} label={w('offline.copyOption')} /><Code text={`${w('offline.option')} 216 = 15`} label={w('offline.copyOption')} /></>}
          <p class="msg warn"><Icon name="warn" /><span>{w('offline.caution')}</span></p></Step>
        <Step n={3} title={w('offline.handTitle')}><p class="dim">{w('offline.handAbout')}</p>{init !== undefined && <Code text={`config change UP1 /url ${init} /poll 15`} label={w('auto.copyCommand')} />}</Step>
        <Step n={4} title={w('offline.thenTitle')}><p class="dim">{w('offline.then')}</p>{init !== undefined && <Code text={`${init}?domain=…&token=…&category=…`} label={w('copyUrl')} />}</Step>
      </div>
    </div>
  )
}
