// The studio's answers, as JSON.

/** The studio refuses; `message` is for the person, `status` is HTTP's. */
export class Refused extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Headers of every request: the token of the session that the browser has now. */
export function headers() {
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return {
    "X-CSRFToken": cookie ? cookie[1] : window.wagtailConfig?.CSRF_TOKEN,
    "X-Requested-With": "XMLHttpRequest",
  };
}

/** Asks and returns the JSON. Throws Refused, or TypeError when the connection is away. */
export async function ask(method, url, told) {
  const response = await fetch(url, {
    method,
    headers: { ...headers(), Accept: "application/json", "Content-Type": "application/json" },
    body: told && JSON.stringify(told),
  });
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  const answer = isJson ? await response.json() : {};
  if (response.ok && isJson) return answer;
  throw new Refused(answer.refusal || "", response.ok ? 403 : response.status);
}
