/** test/passthrough/service.test.ts behind the webserver of an App Platform. */
process.env['TEST_HOST'] = 'app-platform'
await import('../passthrough/service.test.ts')
