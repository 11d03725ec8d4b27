/** One row of the device grid. Drawn again only when something of it has changed. */
import { Component, type ComponentChildren } from 'preact'
import { categoriesOf } from '../parts/categories.tsx'
import { addresses, deviceName, Mac, Status, typeLabel, versionParts } from '../parts/device-words.tsx'
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
  /** Two lines: product and MAC stand below the name. */
  readonly narrow: boolean
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

export class GridRow extends Component<RowProps> {
  override shouldComponentUpdate(next: Readonly<RowProps>): boolean { return !same(this.props, next) }

  override render({ index, device, columns, narrow, top, selected, tabbable, now }: RowProps) {
    return (
      <div class="row" role="row" aria-rowindex={index + 2} aria-selected={selected} tabIndex={tabbable ? 0 : -1} data-index={index} style={{ transform: `translateY(${top}px)` }}
        aria-busy={device ? undefined : true}>
        {device ? <>
          <div role="gridcell" class="c-check"><input class="ck" type="checkbox" tabIndex={-1} checked={selected} data-act="select" aria-label={t('grid.select', deviceName(device))} /></div>
          {columns.map(({ id }) => id === 'name'
            ? <div key={id} role="rowheader" class="c-name"><Name device={device} narrow={narrow} /></div>
            : <div key={id} role="gridcell" class={`c-${id}`} title={titleOf(id, device)}>{contentOf(id, device, now)}</div>)}
          <div role="gridcell" class="c-menu"><button class="btn icon small more" type="button" tabIndex={-1} data-act="menu" aria-haspopup="menu" aria-label={t('grid.actions', deviceName(device))} /></div>
        </> : <div role="gridcell" class="bars" />}
      </div>
    )
  }
}

const Name = ({ device, narrow }: { device: Device, narrow: boolean }) => (
  <>
    <a href={linkTo({ view: 'device', hwId: device.hwId, tab: 'overview' })} tabIndex={-1} title={deviceName(device)}>{deviceName(device)}</a>
    {narrow && <span class="sub">{device.product} · <Mac hwId={device.hwId} /></span>}
  </>
)

/** The whole value, for cells that may be too narrow for it. */
function titleOf(id: ColumnId, device: Device): string | undefined {
  switch (id) {
    case 'product': return device.product
    case 'version': return device.version
    case 'domain': return domainName(device.domainId)
    case 'ip': return addresses(device, 'ipv4').join(', ')
    case 'ipv6': return addresses(device, 'ipv6').join(', ')
    case 'categories': return categoriesOf(device).map(category => category.name).join(', ')
    default: return undefined
  }
}

function contentOf(id: ColumnId, device: Device, now: number): ComponentChildren {
  switch (id) {
    case 'status': return <Status device={device} now={now} />
    case 'product': return device.product
    case 'mac': return <Mac hwId={device.hwId} />
    case 'ip': return addresses(device, 'ipv4').join(', ')
    case 'ipv6': return addresses(device, 'ipv6').join(', ')
    case 'version': {
      const { name, builds } = versionParts(device.version)
      return <>{name}{builds && <> <small>{builds}</small></>}</>
    }
    case 'type': return typeLabel(device.type)
    case 'categories': return (
      <span class="chips one">
        {categoriesOf(device).map(({ id, name, config }) => <span key={id} class={config ? 'chip prov' : 'chip'}>{name}</span>)}
      </span>
    )
    case 'domain': return domainName(device.domainId)
    case 'lastSeen': return device.lastSeen ? formatDateTime(device.lastSeen) : ''
    case 'name': return undefined
  }
}
