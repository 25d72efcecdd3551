/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that knows libcurl. */
#include <config.h>

#include "net/https.h"

#include "base/text.h"

#ifdef HAVE_LIBCURL

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <string.h>

/* What is called is a row of curl.def. */
#undef curl_easy_setopt
#undef curl_easy_getinfo

#define LIBRARY              curl
#define LIBRARY_SYMBOL(name) curl_##name
#define LIBRARY_NAME         LIBCURL_SONAME
#define LIBRARY_TABLE        "net/curl.def"
#include "base/library_calls.h"

enum { HOST_BYTES = 256, HEADER_BYTES = 16 * 1024 + 64, PROXY_BYTES = 600 };

struct fetch {
	CURL *handle;
	struct curl_slist *headers;
	struct https_answer *out;
	size_t header_bytes;
	bool is_too_long;
	char reason[CURL_ERROR_SIZE];
	char host[HOST_BYTES]; /* for sentences */
};

bool https_is_built(void)
{
	return true;
}

/* ---- what comes ---------------------------------------------------------- */

static size_t take_body(char *bytes, size_t one, size_t count, void *context)
{
	struct fetch *fetch = context;

	(void)one;
	if (buf_put(fetch->out->body, bytes, count))
		return count;
	fetch->is_too_long = true;
	return 0;
}

static size_t take_header(char *bytes, size_t one, size_t count, void *context)
{
	struct fetch *fetch = context;
	struct span line = span_make(bytes, count);
	char date[64] = "";

	(void)one;
	fetch->header_bytes += count;
	if (fetch->header_bytes > HTTPS_HEADER_LIMIT) {
		fetch->is_too_long = true;
		return 0;
	}
	if (span_starts_with(line, SPAN("HTTP/")))
		fetch->out->date = 0; /* of the redirect before */
	if (!span_starts_with_nocase(line, SPAN("Date:")))
		return count;
	line = span_trim(span_skip(line, sizeof "Date:" - 1));
	if (line.length < sizeof date) {
		memcpy(date, line.at, line.length);
		fetch->out->date = curl.getdate(date, NULL);
		if (fetch->out->date < 0)
			fetch->out->date = 0;
	}
	return count;
}

/* ---- what is asked for --------------------------------------------------- */

static bool set_long(struct fetch *fetch, CURLoption option, long value)
{
	return curl.easy_setopt(fetch->handle, option, value) == CURLE_OK;
}

static bool set_text(struct fetch *fetch, CURLoption option, const char *value)
{
	return curl.easy_setopt(fetch->handle, option, value) == CURLE_OK;
}

static bool set_limits(struct fetch *fetch, bool is_post)
{
	return set_text(fetch, CURLOPT_PROTOCOLS_STR, "https") &&
	       set_text(fetch, CURLOPT_REDIR_PROTOCOLS_STR, "https") &&
	       /* Who answers a POST with a redirect would be given the
		* secrets of it, and we know no issuer that does. */
	       set_long(fetch, CURLOPT_FOLLOWLOCATION, !is_post) &&
	       set_long(fetch, CURLOPT_MAXREDIRS, HTTPS_REDIRECTS_MAX) &&
	       set_long(fetch, CURLOPT_CONNECTTIMEOUT,
		       HTTPS_CONNECT_TIMEOUT_S) &&
	       set_long(fetch, CURLOPT_TIMEOUT, HTTPS_TIMEOUT_S) &&
	       set_long(fetch, CURLOPT_NOSIGNAL, 1) &&
	       set_long(fetch, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
}

/* Debian's libcurl has a folder of certificates compiled in, of which GnuTLS
 * reads every file for every handle, and trusts them besides the file that is
 * named: no folder, then. */
static bool set_trust(struct fetch *fetch, const char *trust_file)
{
	return set_long(fetch, CURLOPT_SSL_VERIFYPEER, 1) &&
	       set_long(fetch, CURLOPT_SSL_VERIFYHOST, 2) &&
	       set_long(fetch, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2) &&
	       set_text(fetch, CURLOPT_CAPATH, NULL) &&
	       (!trust_file || set_text(fetch, CURLOPT_CAINFO, trust_file));
}

/* An empty proxy is none: what the environment says of one is no matter. */
static bool set_proxy(struct fetch *fetch, const struct https_request *request)
{
	struct buf url = BUF_INIT(PROXY_BYTES);
	bool is_set;

	if (!request->proxy_host)
		return set_text(fetch, CURLOPT_PROXY, "");
	buf_printf(&url, "socks5h://%s:%u", request->proxy_host,
		request->proxy_port);
	is_set =
		!url.overflowed &&
		set_text(fetch, CURLOPT_PROXY, buf_text(&url)) &&
		(!request->proxy_user || set_text(fetch, CURLOPT_PROXYUSERNAME,
						 request->proxy_user)) &&
		(!request->proxy_password || !request->proxy_password->length ||
			set_text(fetch, CURLOPT_PROXYPASSWORD,
				request->proxy_password->bytes));
	buf_free(&url);
	return is_set;
}

static bool add_header(struct fetch *fetch, const char *name, const char *value)
{
	struct buf line = BUF_INIT(HEADER_BYTES);
	struct curl_slist *longer = NULL;

	if (buf_printf(&line, "%s: %s", name, value))
		longer = curl.slist_append(fetch->headers, buf_text(&line));
	if (longer)
		fetch->headers = longer;
	buf_wipe_free(&line);
	return longer != NULL;
}

static bool set_body(struct fetch *fetch, const struct https_request *request)
{
	if (!add_header(fetch, "Accept", "application/json") ||
		(request->authorization && !add_header(fetch, "Authorization",
						   request->authorization)))
		return false;
	if (request->body.at &&
		(!add_header(fetch, "Content-Type", request->content_type) ||
			!set_long(fetch, CURLOPT_POSTFIELDSIZE,
				(long)request->body.length) ||
			!set_text(fetch, CURLOPT_POSTFIELDS, request->body.at)))
		return false;
	return curl.easy_setopt(fetch->handle, CURLOPT_HTTPHEADER,
		       fetch->headers) == CURLE_OK &&
	       set_text(fetch, CURLOPT_USERAGENT, PACKAGE "/" VERSION) &&
	       set_text(fetch, CURLOPT_URL, request->url);
}

static bool set_ends(struct fetch *fetch)
{
	CURL *handle = fetch->handle;

	return curl.easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body) ==
		       CURLE_OK &&
	       curl.easy_setopt(handle, CURLOPT_WRITEDATA, fetch) == CURLE_OK &&
	       curl.easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header) ==
		       CURLE_OK &&
	       curl.easy_setopt(handle, CURLOPT_HEADERDATA, fetch) ==
		       CURLE_OK &&
	       curl.easy_setopt(handle, CURLOPT_ERRORBUFFER, fetch->reason) ==
		       CURLE_OK;
}

/* ---- one request --------------------------------------------------------- */

/* "host:port" of the URL. */
static void name_host(struct fetch *fetch, const char *url)
{
	struct span rest = span_of(url);

	rest = span_skip(rest, sizeof "https://" - 1);
	rest.length = span_find(rest, '/');
	rest.length = span_find(rest, '?');
	if (rest.length >= sizeof fetch->host)
		rest.length = sizeof fetch->host - 1;
	memcpy(fetch->host, rest.at, rest.length);
	fetch->host[rest.length] = '\0';
}

static bool explain(const struct fetch *fetch, CURLcode result,
	const char *trust_file, struct diag *why)
{
	const char *reason =
		fetch->reason[0] ? fetch->reason : curl.easy_strerror(result);

	if (fetch->is_too_long)
		return diag_set(why, DIAG_HTTPS_TOO_LONG, fetch->host);
	if (result == CURLE_SSL_CACERT_BADFILE)
		return diag_set(why, DIAG_CONFIG_TRUST_FILE,
			trust_file ? trust_file : "system", reason);
	if (result == CURLE_PEER_FAILED_VERIFICATION)
		return diag_set(
			why, DIAG_HTTPS_CERTIFICATE, fetch->host, reason);
	return diag_set(why, DIAG_HTTPS_FAILED, fetch->host, reason);
}

static bool perform(struct fetch *fetch, const struct https_request *request,
	struct diag *why)
{
	CURLcode result = CURLE_FAILED_INIT;
	long status = 0;

	if (set_limits(fetch, request->body.at != NULL) &&
		set_trust(fetch, request->trust_file) &&
		set_proxy(fetch, request) && set_body(fetch, request) &&
		set_ends(fetch))
		result = curl.easy_perform(fetch->handle);
	if (result != CURLE_OK)
		return explain(fetch, result, request->trust_file, why);
	(void)curl.easy_getinfo(fetch->handle, CURLINFO_RESPONSE_CODE, &status);
	fetch->out->status = (unsigned)status;
	return true;
}

bool https_ask(const struct https_request *request, struct https_answer *out,
	struct diag *why)
{
	struct fetch fetch = { .out = out };
	bool is_fine = false;

	if (!load(why))
		return false;
	out->status = 0;
	out->date = 0;
	name_host(&fetch, request->url);
	if (curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		fetch.handle = curl.easy_init();
	if (fetch.handle)
		is_fine = perform(&fetch, request, why);
	else
		diag_set(why, DIAG_HTTPS_FAILED, fetch.host, "libcurl");
	curl.slist_free_all(fetch.headers);
	if (fetch.handle)
		curl.easy_cleanup(fetch.handle);
	return is_fine;
}

#else

bool https_is_built(void)
{
	return false;
}

bool https_ask(const struct https_request *request, struct https_answer *out,
	struct diag *why)
{
	(void)request;
	(void)out;
	return diag_set(why, DIAG_LIBRARY_NOT_BUILT, "libcurl");
}

#endif
