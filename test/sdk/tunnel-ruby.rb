# What Twilio's SDK for Ruby does over HTTP: a connection of Faraday's with its default adapter for each request. Prints
# what it saw as JSON.
require 'faraday'
require 'json'
require 'uri'

ACCOUNT_SID, MESSAGES = ARGV
API = 'https://api.twilio.com'.freeze
ACCOUNT = "#{API}/2010-04-01/Accounts/#{ACCOUNT_SID}".freeze
SERVICES = 'https://verify.twilio.com/v2/Services'.freeze

def connection(url)
  Faraday.new(url: "https://#{URI.parse(url).host}:443", ssl: { verify: true }) do |f|
    f.request :url_encoded
    if Faraday::VERSION.start_with?('1.')
      f.request :basic_auth, ACCOUNT_SID, 'secret'
    else
      f.request :authorization, :basic, ACCOUNT_SID, 'secret'
    end
    f.adapter Faraday.default_adapter
  end
end

def request(method, url, data = nil, &block)
  answer = connection(url).send(method, url, data, &block)
  raise "#{answer.status} #{answer.body}" unless answer.success?

  answer.body
end

def ask(method, url, data = nil)
  JSON.parse(request(method, url, data))
end

created = Array.new(Integer(MESSAGES)) do
  ask(:post, "#{ACCOUNT}/Messages.json", 'To' => '+15550001111', 'From' => '+15550002222', 'Body' => 'hello & more')['sid']
end
fetched = ask(:get, "#{ACCOUNT}/Messages/#{created[0]}.json")['sid'] == created[0]
listed = 0
following = "#{ACCOUNT}/Messages.json?PageSize=#{(created.size + 1) / 2}"
while following
  page = ask(:get, following)
  listed += page['messages'].size
  following = page['next_page_uri'] && API + page['next_page_uri']
end
services = Array.new(3) { |i| ask(:post, SERVICES, 'FriendlyName' => "shop #{i}") }.size
services_listed = 0
following = "#{SERVICES}?PageSize=2"
while following
  page = ask(:get, following)
  services_listed += page['services'].size
  following = page['meta']['next_page_url']
end
removed = request(:delete, "#{ACCOUNT}/Messages/#{created[0]}.json").to_s.empty?

# A recording as a stream, which the SDK has no call for.
recording = ask(:get, "#{ACCOUNT}/Recordings.json")['recordings'][0]['sid']
media_bytes = 0
request(:get, "#{ACCOUNT}/Recordings/#{recording}.mp3") { |it| it.options.on_data = proc { |chunk, _| media_bytes += chunk.bytesize } }

puts JSON.generate(created: created.size, fetched: fetched, listed: listed, services: services,
                   servicesListed: services_listed, removed: removed, mediaBytes: media_bytes)
