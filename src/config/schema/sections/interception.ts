import { section } from '../section.ts'

const TARGET = '^(?:\\*|[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}(?:\\.[A-Za-z0-9-]{1,63})*)):[0-9]{1,5}$'

export const interception = section('Clients that use this proxy as their HTTP proxy (HTTP_PROXY, HTTPS_PROXY), with CONNECT, instead of as a base URL.', {
  caDir: {
    type: ['string', 'null'],
    pattern: '^[^\\u0000-\\u001f\\u007f]+$',
    patternErrorMessage: 'must be the path of a folder',
    default: null,
    examples: ['/var/lib/twilio-governor'],
    description: 'Folder of the certificate authority that "twilio-governor ca init" makes. These clients have to trust it. null refuses CONNECT.'
  },
  tunnels: {
    type: 'array',
    items: {
      type: 'string',
      pattern: TARGET,
      patternErrorMessage: 'must be a host name and a port, such as example.com:443, or *:443 for any host'
    },
    default: [],
    examples: [['example.com:443']],
    description: 'Targets outside Twilio to which the proxy opens tunnels without looking into them. Use it for applications that send all their traffic through the proxy. * stands for hosts with public addresses. List a host with a loopback, private or link-local address by its name.'
  }
})
