"""Headless Chromium, driven by its DevTools protocol over a pair of pipes (--remote-debugging-pipe)."""

import base64
import json
import os
import select
import subprocess
import time

LIMIT = 60


class Browser:
    def __init__(self, profile):
        commands, self._commands = os.pipe()
        self._answers, answers = os.pipe()

        def pipes():
            # The browser reads 3 and writes 4.
            spare = [os.dup(commands), os.dup(answers)]
            os.dup2(spare[0], 3)
            os.dup2(spare[1], 4)

        self._process = subprocess.Popen(
            ["chromium", "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-dev-shm-usage", "--disable-background-networking", "--hide-scrollbars",
             f"--user-data-dir={profile}"],
            close_fds=False, preexec_fn=pipes, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": str(profile)})
        os.close(commands)
        os.close(answers)
        self._number, self._buffer, self.tabs = 0, b"", {}
        self.version = self.call("Browser.getVersion")["product"]

    def call(self, method, session=None, **parameters):
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._commands, data):]
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def _read(self):
        while b"\0" not in self._buffer:
            if not select.select([self._answers], [], [], LIMIT)[0]:
                raise RuntimeError(f"the browser has said nothing for {LIMIT} s")
            part = os.read(self._answers, 1 << 20)
            if not part:
                raise RuntimeError("the browser has ended")
            self._buffer += part
        text, self._buffer = self._buffer.split(b"\0", 1)
        message = json.loads(text)
        tab = self.tabs.get(message.get("sessionId"))
        if tab and "method" in message:
            tab.hear(message["method"], message["params"])
        return message

    def tab(self, width, height, scheme, scripts=True):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Tab(self, target, session, width, height, scheme, scripts)

    def stop(self):
        self._process.terminate()
        self._process.wait()
        os.close(self._commands)
        os.close(self._answers)


class Tab:
    def __init__(self, browser, target, session, width, height, scheme, scripts):
        self._browser, self._target, self._session = browser, target, session
        self._events, self.complaints = [], []
        browser.tabs[session] = self
        for domain in ("Page", "Runtime", "Log", "Audits"):
            self._call(f"{domain}.enable")
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self._call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self._call("Emulation.setScriptExecutionDisabled", value=not scripts)
        # Keys reach the tab in front alone, and one behind does not refresh itself.
        self._call("Emulation.setFocusEmulationEnabled", enabled=True)
        self._call("Page.bringToFront")

    def _call(self, method, **parameters):
        return self._browser.call(method, self._session, **parameters)

    def hear(self, method, parameters):
        self._events.append(method)
        if method == "Runtime.exceptionThrown":
            self.complaints.append(parameters["exceptionDetails"].get("exception", parameters).get("description", "exception"))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] in ("warning", "error"):
            self.complaints.append(parameters["entry"]["text"])
        elif method == "Runtime.consoleAPICalled" and parameters["type"] in ("warning", "error", "assert"):
            self.complaints.append(str(parameters["args"]))
        elif method == "Audits.issueAdded":
            self.complaints.append(json.dumps(parameters["issue"]))

    def load(self, url):
        self._events.clear()
        answer = self._call("Page.navigate", url=url)
        if "errorText" in answer:
            raise RuntimeError(f"{url}: {answer['errorText']}")
        end = time.monotonic() + LIMIT
        while "Page.loadEventFired" not in self._events:
            self._browser.call("Browser.getVersion")  # events are read on the way to an answer
            time.sleep(0.01)
            if time.monotonic() > end:
                raise RuntimeError(f"{url} was not loaded within {LIMIT} s")

    def run(self, expression):
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def text(self):
        return self.run("document.body.innerText")

    def wait(self, expression, what):
        end = time.monotonic() + LIMIT
        while not self.run(expression):
            if time.monotonic() > end:
                raise RuntimeError(f"waited {LIMIT} s in vain: {what}")
            time.sleep(0.05)

    def refresh_until(self, expression, what):
        """As somebody does who comes back to the page now and then."""
        end = time.monotonic() + LIMIT
        while not self.run(expression):
            self.run("document.dispatchEvent(new Event('visibilitychange'))")
            if time.monotonic() > end:
                raise RuntimeError(f"waited {LIMIT} s in vain: {what}; the page says: {self.text()[:500]}")
            time.sleep(0.3)

    def key(self, name):
        text = {"text": name} if len(name) == 1 else {}
        self._call("Input.dispatchKeyEvent", type="keyDown", key=name, **text)
        self._call("Input.dispatchKeyEvent", type="keyUp", key=name)

    def type(self, text):
        self._call("Input.insertText", text=text)

    def screenshot(self, path):
        size = self._call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 2400), "scale": 1}
        data = self._call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)["data"]
        path.write_bytes(base64.b64decode(data))

    def close(self):
        del self._browser.tabs[self._session]
        self._browser.call("Target.closeTarget", targetId=self._target)
