/** The search API `com.innovaphone.search` (wire-protocols 3.13): any number of SearchInfo, then exactly one SearchResult. */
import { consumeApi, ProvidedApi, type ApiRequest } from '../host/provided-api.ts'
import type { SearchResultMessage } from '../../app/protocol/client-apis.ts'
import type { Service } from './service.ts'
import { MOST_DEVICES, readSearch, searchInfos } from './search-results.ts'

/** @param fallback name of the App object that shows devices, until the client has told it */
export function startSearch(self: Window, service: Service, fallback: string): void {
  let app = fallback
  consumeApi(self, 'com.innovaphone.devicesui', providers => { app = providers[0] ?? fallback })
  const api = new ProvidedApi(self, 'com.innovaphone.search', { relevance: 5_000 }, { onRequest: request => void search(request) })

  async function search(request: ApiRequest): Promise<void> {
    if (request.msg['mt'] !== 'Search') return
    const wanted = readSearch(request.msg, request.src)
    try {
      if (wanted.ours) {
        await service.online()
        const { devices } = await service.connection.request('GetDevicesPage', { offset: 0, limit: MOST_DEVICES, sort: 'name', search: wanted.words })
        for (const info of searchInfos(wanted, app, devices, service.domains, id => service.domainName(id))) api.answer(request, info)
      }
    } catch {
      // Who may not see devices, or is not connected, finds nothing; the consumer still waits for the end.
    }
    const end: SearchResultMessage = { mt: 'SearchResult', ...wanted.marks }
    api.answer(request, end)
  }
}
