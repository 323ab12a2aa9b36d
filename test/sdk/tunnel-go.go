// What Twilio's SDK for Go does over HTTP: the default transport of net/http, which looks at the environment, a limit of
// ten seconds, and no redirects. Prints what it saw as JSON.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	api      = "https://api.twilio.com"
	services = "https://verify.twilio.com/v2/Services"
)

var client = &http.Client{
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Timeout:       10 * time.Second,
}

var accountSid string

type answer struct {
	Sid         string
	Messages    []struct{}
	Services    []struct{}
	Recordings  []struct{ Sid string }
	NextPageURI *string `json:"next_page_uri"`
	Meta        struct {
		NextPageURL *string `json:"next_page_url"`
	}
}

func open(method, address string, form url.Values) io.ReadCloser {
	request, err := http.NewRequest(method, address, strings.NewReader(form.Encode()))
	check(err)
	request.SetBasicAuth(accountSid, "secret")
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	response, err := client.Do(request)
	check(err)
	if response.StatusCode > 299 {
		log.Fatal(response.Status)
	}
	return response.Body
}

func ask(method, address string, form url.Values) (found answer) {
	body := open(method, address, form)
	defer body.Close()
	check(json.NewDecoder(body).Decode(&found))
	return found
}

// drain reads to the end, which is where a recording is whole, and tells how many bytes there were.
func drain(body io.ReadCloser) int64 {
	defer body.Close()
	bytes, err := io.Copy(io.Discard, body)
	check(err)
	return bytes
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	accountSid = os.Args[1]
	messages, err := strconv.Atoi(os.Args[2])
	check(err)
	account := api + "/2010-04-01/Accounts/" + accountSid

	var created []string
	for len(created) < messages {
		text := url.Values{"To": {"+15550001111"}, "From": {"+15550002222"}, "Body": {"hello & more"}}
		created = append(created, ask("POST", account+"/Messages.json", text).Sid)
	}
	first := account + "/Messages/" + created[0] + ".json"
	fetched := ask("GET", first, nil).Sid == created[0]
	page := ask("GET", fmt.Sprintf("%s/Messages.json?PageSize=%d", account, (messages+1)/2), nil)
	listed := len(page.Messages)
	for page.NextPageURI != nil {
		page = ask("GET", api+*page.NextPageURI, nil)
		listed += len(page.Messages)
	}
	for i := 0; i < 3; i++ {
		ask("POST", services, url.Values{"FriendlyName": {fmt.Sprintf("shop %d", i)}})
	}
	page = ask("GET", services+"?PageSize=2", nil)
	servicesListed := len(page.Services)
	for page.Meta.NextPageURL != nil {
		page = ask("GET", *page.Meta.NextPageURL, nil)
		servicesListed += len(page.Services)
	}
	removed := drain(open("DELETE", first, nil)) == 0
	recording := ask("GET", account+"/Recordings.json", nil).Recordings[0].Sid
	mediaBytes := drain(open("GET", account+"/Recordings/"+recording+".mp3", nil))

	check(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"created": len(created), "fetched": fetched, "listed": listed, "services": 3,
		"servicesListed": servicesListed, "removed": removed, "mediaBytes": mediaBytes,
	}))
}
