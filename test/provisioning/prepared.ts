/** A working path with two domains, categories of every kind and tokens, for the executable to start on. */
import { eq } from 'drizzle-orm'
import { Domains, provisioningTokenContext } from '../../app/domains/domains.ts'
import { categories, deviceConfigCategories, deviceConfigs, domains, provisioningCodes } from '../../app/store/schema.ts'
import { Store } from '../../app/store/store.ts'
import { AppClient } from '../fixtures/app-client.ts'
import { PASSWORD, startService, temporaryFolder, type Service } from '../fixtures/service.ts'

export const OTHER_PASSWORD = 'other-pw-2'
/** A code of the own domain whose time is over. */
export const EXPIRED_CODE = '111100002222'
export const TOKEN = 'Tok+en & more/1'

export interface Prepared {
  readonly workingPath: string
  /** The domain of the instance, `example.com`; its token is `TOKEN`. */
  readonly own: number
  /** `other.com`; no token. */
  readonly other: number
  readonly category: Readonly<Record<'phones' | 'analogue' | 'any room' | 'standard' | 'theirs', number>>
}

export function prepare(): Prepared {
  const workingPath = temporaryFolder()
  const store = new Store({ workingPath, onFailure: error => { throw error } })
  const own = new Domains(store, 'example.com').ensureInstanceDomain(PASSWORD).id
  const { orm, secrets } = store
  const prepared = store.write(() => {
    const other = orm.insert(domains).values({ name: 'other.com', nameKey: 'other.com' }).returning().get().id
    orm.update(domains).set({ passwordSealed: secrets.seal(OTHER_PASSWORD, `domain:${other}:password`) }).where(eqId(other)).run()
    orm.update(domains).set({ provisioningTokenSealed: secrets.seal(TOKEN, provisioningTokenContext(own)) }).where(eqId(own)).run()
    const category = (domainId: number, name: string, config: boolean): number => orm.insert(categories).values({ domainId, name, config }).returning().get().id
    const made = {
      phones: category(own, 'phones', true), analogue: category(own, 'analogue', true), 'any room': category(own, 'any room', true),
      standard: category(own, 'standard', false), theirs: category(other, 'theirs', true),
    }
    for (const [type, categoryId] of [['PHONE', made.phones], ['FXS_PHONE', made.analogue], ['NTP', made['any room']]] as const) {
      const { id } = orm.insert(deviceConfigs).values({ domainId: own, type }).returning().get()
      orm.insert(deviceConfigCategories).values({ configId: id, categoryId }).run()
    }
    return { workingPath, own, other, category: made }
  })
  store.close()
  return prepared
}

const eqId = (id: number) => eq(domains.id, id)

/** `EXPIRED_CODE` as it is half an hour after its time. */
function addExpiredCode({ workingPath, own, category }: Prepared): void {
  const store = new Store({ workingPath, onFailure: error => { throw error } })
  const hour = 3600_000
  store.write(() => store.orm.insert(provisioningCodes).values({
    code: EXPIRED_CODE, domainId: own, categoryId: category.phones, sip: 'late', createdAt: Date.now() - hour, createdBy: 'admin@example.com', validUntil: Date.now() - hour / 2,
  }).run())
  store.close()
}

/** The executable on such a working path, with an administrator and a login of the other domain. */
export async function startPrepared(args: readonly string[] = []): Promise<Prepared & { service: Service, url: string, admin: AppClient, foreign: AppClient }> {
  const prepared = prepare()
  addExpiredCode(prepared)
  const service = await startService({ workingPath: prepared.workingPath, args: ['--challenge-wait=300', ...args] })
  const admin = await AppClient.login(service.wsBase, { password: PASSWORD })
  const foreign = await AppClient.login(service.wsBase, { domain: 'other.com', sip: 'foreign', password: OTHER_PASSWORD })
  return { ...prepared, service, url: `${service.wsBase}/sysclients`, admin, foreign }
}
