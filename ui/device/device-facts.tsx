/** Everything the service knows about a device, as a panel. */
import type { ComponentChildren } from 'preact'
import { categoriesOf, CategoryChip } from '../parts/categories.tsx'
import { CopyButton } from '../parts/copy-button.tsx'
import { addresses, Mac, stateLabel, stateOf, typeLabel, versionParts } from '../parts/device-words.tsx'
import { linkTo } from '../route/navigation.ts'
import { NO_FILTER, START } from '../route/route.ts'
import { domainName, domains } from '../session/session.ts'
import { useCell } from '../state/cell.ts'
import { formatDateTime, t } from '../text/text.ts'
import type { Device } from '../../app/protocol/types.ts'

const Fact = ({ label, children }: { label: string, children: ComponentChildren }) => <><dt>{label}</dt><dd>{children}</dd></>
const NONE = '–'

/** The list of the devices of its domain with this category. */
const devicesWith = (device: Device, category: string): string => linkTo({ ...START, filter: { ...NO_FILTER, domains: [domainName(device.domainId)].filter(Boolean), categories: [category] } })

export const DeviceFacts = ({ device, onEdit }: { device: Device, onEdit: (() => void) | undefined }) => {
  useCell(domains)
  const { name, builds } = versionParts(device.version)
  const marks = [
    ...(device.pbxActive ? [t('fact.pbx')] : []), ...(device.other ? [t('fact.other')] : []), ...(device.mini ? [t('fact.mini')] : []), ...(device.fxs ? [t('fact.fxs')] : []),
    ...(device.hasLeaseLicenses ? [t('fact.lease')] : []), ...(device.rented ? [t('fact.rented')] : []),
  ]
  const ifs = device.ethIfs ?? []
  const [provisioned] = categoriesOf(device).filter(category => category.config)
  const standard = categoriesOf(device).filter(category => !category.config)
  return (
    <section class="panel">
      <div class="panel-head"><h2>{t('device.panel')}</h2><div class="end">{onEdit && <button type="button" class="btn small ghost" onClick={onEdit}>{t('action.edit')}</button>}</div></div>
      <div class="panel-body kv2">
        <dl class="kv">
          <Fact label={t('column.product')}>{device.product || NONE}</Fact>
          <Fact label={t('column.mac')}><Mac hwId={device.hwId} /><CopyButton text={device.hwId} label={t('device.copyMac')} /></Fact>
          <Fact label="IPv4">{addresses(device, 'ipv4').join(', ') || NONE}</Fact>
          <Fact label="IPv6">{addresses(device, 'ipv6').join(', ') || NONE}</Fact>
          <Fact label={t('column.version')}>{name ? <>{name}{builds && <small class="dim">{builds}</small>}</> : NONE}</Fact>
          {device.fwBuild && <Fact label={t('fact.firmware')}>{device.fwBuild}</Fact>}
          {device.bcBuild && <Fact label={t('fact.bootcode')}>{device.bcBuild}</Fact>}
          {device.major && <Fact label={t('fact.major')}>{device.major}</Fact>}
        </dl>
        <dl class="kv">
          <Fact label={t('column.domain')}>{domainName(device.domainId) || NONE}</Fact>
          <Fact label={t('column.type')}>{typeLabel(device.type)}</Fact>
          <Fact label={t('column.status')}>{stateLabel(stateOf(device))}</Fact>
          <Fact label={t('column.lastSeen')}>{device.lastSeen ? formatDateTime(device.lastSeen) : t('fact.never')}</Fact>
          <Fact label={t('device.provisionedAs')}>{provisioned ? <CategoryChip {...provisioned} href={devicesWith(device, provisioned.name)} /> : NONE}</Fact>
          <Fact label={t('column.categories')}>{standard.length ? standard.map(category => <CategoryChip key={category.id} {...category} href={devicesWith(device, category.name)} />) : NONE}</Fact>
          {marks.length > 0 && <Fact label={t('fact.marks')}>{marks.map(mark => <span key={mark} class="chip">{mark}</span>)}</Fact>}
          {device.id > 0 && <Fact label={t('fact.id')}>{String(device.id)}</Fact>}
        </dl>
      </div>
      {ifs.length > 1 && <div class="panel-body"><table class="diff">
        <caption class="sr">{t('fact.interfaces')}</caption>
        <thead><tr><th scope="col">{t('fact.interface')}</th><th scope="col">IPv4</th><th scope="col">IPv6</th></tr></thead>
        <tbody>{ifs.map(ethIf => <tr key={ethIf.if}><td>{ethIf.if}</td><td>{ethIf.ipv4 ?? NONE}</td><td>{ethIf.ipv6 ?? NONE}</td></tr>)}</tbody>
      </table></div>}
    </section>
  )
}
