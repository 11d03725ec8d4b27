/** One row of the device grid. Drawn again only when something of it has changed. */
import { Component } from 'preact'
import { addresses, deviceName, Mac, Status, typeLabel, versionParts } from '../parts/device-words.tsx'
import { Icon } from '../parts/icons.tsx'
import { linkTo } from '../route/navigation.ts'
import { domainName } from '../session/session.ts'
import { formatDateTime, t } from '../text/text.ts'
import type { Language } from '../text/language.ts'
import type { Device } from '../../app/protocol/types.ts'
import type { Column, ColumnId } from './columns.ts'

interface RowProps {
  readonly index: number
  /** Undefined while the row is on its way. */
  readonly device: Device | undefined
  readonly columns: readonly Column[]
  readonly top: number
  readonly selected: boolean
  /** The one row that Tab reaches. */
  readonly tabbable: boolean
  /** ms since 1970, advanced once a minute. */
  readonly now: number
  readonly language: Language
  /** Changes when the names of domains do. */
  readonly domains: unknown
}

const same = (a: object, b: object): boolean => {
  const other = new Map(Object.entries(b))
  return Object.entries(a).every(([key, value]) => Object.is(value, other.get(key)))
}

const SKELETONS = ['w2', 'w3', 'w1', 'w3', 'w2']

export class GridRow extends Component<RowProps> {
  override shouldComponentUpdate(next: Readonly<RowProps>): boolean { return !same(this.props, next) }

  override render({ index, device, columns, top, selected, tabbable, now }: RowProps) {
    return (
      <div class="row" role="row" aria-rowindex={index + 2} aria-selected={selected} tabIndex={tabbable ? 0 : -1} data-index={index} style={{ transform: `translateY(${top}px)` }}
        aria-busy={device ? undefined : true}>
        <div role="gridcell" class="c-check">{device
          ? <input class="ck" type="checkbox" tabIndex={-1} checked={selected} data-act="select" aria-label={t('grid.select', deviceName(device))} />
          : <span class="sk r" />}</div>
        {columns.map((column, at) => column.id === 'name'
          ? <div key="name" role="rowheader" class="c-name">{device ? <Name device={device} /> : <span class="sk w2" />}</div>
          : <div key={column.id} role="gridcell" class={`c-${column.id}`}>{device ? <Cell id={column.id} device={device} now={now} /> : <span class={`sk ${SKELETONS[(index + at) % 5]}`} />}</div>)}
        <div role="gridcell" class="c-menu">{device &&
          <button class="btn icon small" type="button" tabIndex={-1} data-act="menu" aria-haspopup="menu" aria-label={t('grid.actions', deviceName(device))}><Icon name="more" /></button>}</div>
      </div>
    )
  }
}

const Name = ({ device }: { device: Device }) => (
  <>
    <a href={linkTo({ view: 'device', hwId: device.hwId, tab: 'overview' })} tabIndex={-1} title={deviceName(device)}>{deviceName(device)}</a>
    <span class="sub">{device.product} · <Mac hwId={device.hwId} /></span>
  </>
)

const Cell = ({ id, device, now }: { id: ColumnId, device: Device, now: number }) => {
  switch (id) {
    case 'status': return <Status device={device} now={now} />
    case 'product': return <span title={device.product}>{device.product}</span>
    case 'mac': return <Mac hwId={device.hwId} />
    case 'ip': return <List values={addresses(device, 'ipv4')} />
    case 'ipv6': return <List values={addresses(device, 'ipv6')} />
    case 'version': {
      const { name, builds } = versionParts(device.version)
      return <span class="ver" title={device.version}>{name}{builds && <> <small>{builds}</small></>}</span>
    }
    case 'type': return <>{typeLabel(device.type)}</>
    case 'categories': return (
      <span class="chips one">
        {device.provisioningCategory && <span class="chip prov" title={t('device.provisionedAs')}>{device.provisioningCategory.name}</span>}
        {device.categories?.map(category => <span key={category.id} class="chip">{category.name}</span>)}
      </span>
    )
    case 'domain': return <span class="dim" title={domainName(device.domainId)}>{domainName(device.domainId)}</span>
    case 'lastSeen': return <>{device.lastSeen ? formatDateTime(device.lastSeen) : ''}</>
    case 'name': return null
  }
}

const List = ({ values }: { values: readonly string[] }) => <span title={values.length > 1 ? values.join(', ') : undefined}>{values.join(', ')}</span>
