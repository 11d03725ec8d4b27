/** Answers about device configurations, of which there are none yet. */
import type { Domains } from '../domains/domains.ts'
import { maySee } from '../domains/viewer.ts'
import { RequestError } from '../errors.ts'
import type { CONFIG_REQUESTS } from '../protocol/config-messages.ts'
import type { HandlersOf } from './handler.ts'

export interface ConfigHandlerDeps { readonly domains: Domains }

export const configHandlers = ({ domains }: ConfigHandlerDeps): HandlersOf<typeof CONFIG_REQUESTS> => ({
  GetDeviceConfigs: ({ domainId }, { session: { viewer } }) => {
    const wanted = domainId ?? viewer.domainId
    if (!maySee(viewer, wanted) || !domains.get(wanted)) throw new RequestError('notFound', 'There is no such domain.', 'domainId')
    return { configs: [], last: true }
  },
  GetDeviceConfig: () => { throw new RequestError('notFound', 'There is no such configuration.', 'id') },
})
