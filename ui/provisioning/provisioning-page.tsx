/** Bringing new devices in: by code, many codes for a roll-out, by MAC list, by themselves. */
import { useEffect, useState } from 'preact/hooks'
import { Empty } from '../devices/empty.tsx'
import { TabLinks } from '../parts/tabs.tsx'
import { notify, reasonText } from '../parts/notices.tsx'
import { linkTo } from '../route/navigation.ts'
import { pageRoute, type PageRoute } from '../route/route.ts'
import { useWhyNot } from '../session/rights.ts'
import type { ProvisioningCode } from '../../app/protocol/provisioning-messages.ts'
import { AddMany } from './add-many.tsx'
import { Automatic, Offline } from './automatic.tsx'
import { CancelCode, removeCode } from './cancel-code.tsx'
import { CodeCard } from './code-card.tsx'
import { CodeList } from './code-list.tsx'
import { codes, isOpen } from './codes.ts'
import { useServiceClock } from './countdown.tsx'
import { NewCode } from './new-code.tsx'
import { Rollout } from './rollout.tsx'
import { w, type WordId } from './words.ts'

const PARTS = ['code', 'rollout', 'mac', 'auto', 'offline'] as const
type Part = typeof PARTS[number]
const LABELS: Record<Part, WordId> = { code: 'part.code', rollout: 'part.rollout', mac: 'part.mac', auto: 'part.auto', offline: 'part.offline' }

export const ProvisioningPage = ({ route }: { route: PageRoute }) => {
  const refused = useWhyNot('operate')
  const part = PARTS.find(one => one === route.args['part']) ?? 'code'
  useEffect(() => refused === undefined ? codes.start() : undefined, [refused])
  return (
    <div class="page">
      <div class="head"><div><h1>{w('title')}</h1><p class="sub"><span>{w('about')}</span></p></div></div>
      <TabLinks label={w('parts')} tabs={PARTS.map(one => ({ label: w(LABELS[one]), href: linkTo(pageRoute('provisioning', one === 'code' ? {} : { part: one })), current: one === part }))} />
      {refused !== undefined ? <Empty icon="lock" title={w('noRights')}>{refused}</Empty>
        : part === 'code' ? <ByCode />
        : part === 'rollout' ? <Rollout />
        : part === 'mac' ? <section class="panel mac-panel" aria-labelledby="mac-head"><div class="panel-head"><h2 id="mac-head">{w('mac.title')}</h2></div><div class="panel-body stack"><p class="dim">{w('mac.about')}</p><AddMany id="mac" /></div></section>
        : part === 'auto' ? <Automatic /> : <Offline />}
    </div>
  )
}

const ByCode = () => {
  const now = useServiceClock()
  const [asking, setAsking] = useState<ProvisioningCode>()
  const cancel = (code: ProvisioningCode): void => {
    if (isOpen(code)) setAsking(code)
    else removeCode(code).catch((error: unknown) => notify('err', reasonText(error)))
  }
  return (
    <div class="cols c-side-main">
      <NewCode />
      <div class="stack">
        <CodeCard now={now} onCancel={cancel} />
        <CodeList now={now} onCancel={cancel} />
      </div>
      {asking && <CancelCode code={asking} onClose={() => setAsking(undefined)} />}
    </div>
  )
}
