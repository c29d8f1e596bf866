import asyncio, time, sqlite3, os, signal, subprocess, json, socket, gzip, hashlib, base64
from pathlib import Path
from tests.together.world import a_world, join, settled, World, lay_keys
from tests.together.nodes import eventually, get, read_json, Node, pecfed
from tests.hostile.peer import *
import tests.hostile.peer as hp
from tests.hostile.conftest import let_in
import pytest, shutil
EV='''[[event]]
uid = "e%s"
name.fr = "E"
start = 2027-05-12T18:00:00
end = 2027-05-12T20:00:00
timezone = "Europe/Paris"
'''
async def test_disk(tmp_path):
    small=Path("/tmp/hx/small")
    for f in small.iterdir(): shutil.rmtree(f) if f.is_dir() else f.unlink()
    w=World(small,None); bigf=None
    try:
        hub=w.new("ruche","hub"); hub.real=True; lay_keys(hub.dir,"instance","ruche"); print(await asyncio.to_thread(hub.init)); 
        with (Path("/tmp/hx/serve.log")).open("ab") as log:
            import sys
            hub.process=subprocess.Popen([sys.executable,"-m","pecfed","serve","--dir",str(hub.dir)],stdin=subprocess.DEVNULL,stdout=log,stderr=log)
        await asyncio.to_thread(eventually, lambda: _ok(hub))
        async with hp.a_peer() as peer:
            inbox=f"{hub.url}/inbox"
            print(await peer.post(inbox, peer.activity("Join",hub.actor)))
            await asyncio.sleep(1)
            print(await asyncio.to_thread(hub.run,"members","accept",peer.mallory))
            await asyncio.sleep(1)
            acked=[]; fill=open(small/"fill","wb")
            st=os.statvfs(small); free=st.f_bavail*st.f_frsize
            fill.write(b"x"*(free-150_000)); fill.flush()
            codes={}
            async def send(n):
                a=peer.activity("Create",peer.event(f"/o/{n}",content="<p>"+"y"*3000+"</p>"))
                body=json.dumps(a).encode()
                from pecfed.federation import signatures; from pecfed import clock
                h=signatures.sign(KEY,f"{peer.mallory}#main-key","POST",inbox,clock.now(),body)
                async with peer.session.post(inbox,data=body,headers=h) as r:
                    t=await r.text()
                    codes[r.status]=codes.get(r.status,0)+1
                    if r.status==202: acked.append(n)
                    elif codes[r.status]==1: print(r.status,t,dict(r.headers))
            for n in range(300): await send(n)
            print(codes, "acked",len(acked))
            print("page while full", await asyncio.to_thread(get,hub.url+"/api/v1/events"))
            print("apply-ish while full", await asyncio.to_thread(hub.run,"members","list"))
            await asyncio.sleep(6)
            fill.close(); os.unlink(small/"fill")
            codes.clear(); 
            t=time.time()
            for n in range(300,310): await send(n)
            print(codes)
            def all_there():
                with sqlite3.connect(hub.dir/"pecfed.db") as c: have={r[0] for r in c.execute("select uri from objects where kind='event'")}
                return all(f"{peer.url}/o/{n}" in have for n in acked)
            try: await asyncio.to_thread(eventually, all_there, 30); print("all acked there after",time.time()-t)
            except AssertionError:
                with sqlite3.connect(hub.dir/"pecfed.db") as c: print(c.execute("select state,attempts,leased_until,error,count(*) from inbox group by 1,2,4").fetchall())
                raise
            with sqlite3.connect(hub.dir/"pecfed.db") as c: print(c.execute("pragma integrity_check").fetchall())
    finally:
        print(Path("/tmp/hx/serve.log").read_text()[-2500:]); w.close(); Path("/tmp/hx/serve.log").unlink()
def _ok(hub):
    try: return get(hub.url+"/healthz")[0]==200
    except OSError: return False
async def test_raw(tmp_path):
    with a_world(tmp_path) as w:
        hub,=await asyncio.to_thread(w.served,"ruche")
        def raw(data, wait=3.0):
            s=socket.create_connection(("127.0.0.1",hub.port)); s.settimeout(wait); t=time.time()
            try:
                s.sendall(data)
                out=b""
                while True:
                    x=s.recv(65536)
                    if not x: break
                    out+=x
            except OSError as e: out=(out if 'out' in dir() else b"")+repr(e).encode()
            s.close(); return out, time.time()-t
        H=f"Host: 127.0.0.1:{hub.port}\r\n".encode()
        for name,d in {
            "garbage": b"\x16\x03\x01garbage\r\n\r\n", "badline": b"GET\r\n\r\n", "hugeheader": b"GET / HTTP/1.1\r\n"+H+b"X: "+b"a"*200000+b"\r\n\r\n",
            "manyheaders": b"GET / HTTP/1.1\r\n"+H+b"".join(b"X%d: a\r\n"%i for i in range(50000))+b"\r\n",
            "8k path": b"GET /"+b"a"*7900+b" HTTP/1.1\r\n"+H+b"Connection: close\r\n\r\n","100k path": b"GET /?q="+b"a"*100000+b" HTTP/1.1\r\n"+H+b"Connection: close\r\n\r\n",
            "twohosts": b"GET / HTTP/1.1\r\n"+H+b"Host: evil\r\nConnection: close\r\n\r\n", "nohost": b"GET / HTTP/1.0\r\n\r\n",
            "smuggle": b"POST /inbox HTTP/1.1\r\n"+H+b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "neglen": b"POST /inbox HTTP/1.1\r\n"+H+b"Content-Length: -5\r\n\r\n", "biglen": b"POST /inbox HTTP/1.1\r\n"+H+b"Content-Type: application/activity+json\r\nContent-Length: 999999999999\r\n\r\n",
            "absolute": b"GET http://evil.example/ HTTP/1.1\r\n"+H+b"Connection: close\r\n\r\n","connect": b"CONNECT evil:443 HTTP/1.1\r\n"+H+b"Connection: close\r\n\r\n",
            "trace": b"TRACE / HTTP/1.1\r\n"+H+b"Connection: close\r\n\r\n","weird": b"BREW / HTTP/1.1\r\n"+H+b"Connection: close\r\n\r\n",
            "evilhost": b"GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
            "nul": b"GET /%00 HTTP/1.1\r\n"+H+b"Connection: close\r\n\r\n","badutf": b"GET /members/%ff%fe HTTP/1.1\r\n"+H+b"Connection: close\r\n\r\n","rawutf": b"GET /members/\xff\xfe HTTP/1.1\r\n"+H+b"Connection: close\r\n\r\n",
            "obs-fold": b"GET / HTTP/1.1\r\n"+H+b"X: a\r\n b\r\nConnection: close\r\n\r\n","upgrade": b"GET / HTTP/1.1\r\n"+H+b"Upgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n",
            "range": b"GET /static/site.css HTTP/1.1\r\n"+H+b"Range: bytes=0-,0-,0-,5-\r\nConnection: close\r\n\r\n", "accept": b"GET / HTTP/1.1\r\n"+H+b"Accept: "+b"text/html;q=x,"*500+b"\r\nConnection: close\r\n\r\n",
            "acceptlang": b"GET / HTTP/1.1\r\n"+H+b"Accept-Language: "+b"zz;q=1e999,fr;q=nan,"*300+b"\r\nConnection: close\r\n\r\n",
            "gzipbody": b"POST /inbox HTTP/1.1\r\n"+H+b"Content-Type: application/activity+json\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
            "expect": b"POST /inbox HTTP/1.1\r\n"+H+b"Expect: 100-continue\r\nContent-Type: application/activity+json\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
            "expectbad": b"POST /inbox HTTP/1.1\r\n"+H+b"Expect: 300-bla\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc",
        }.items():
            o,t=await asyncio.to_thread(raw,d); 
            print(f"{name:12}",round(t,2),o[:15],(o.split(b"\r\n\r\n",1)+[b""])[1][:110].replace(b"\n",b" "), [x for x in o.split(b"\r\n\r\n",1)[0].split(b"\r\n") if x.lower().startswith((b"location",b"server"))])
        # gzip bomb to inbox & chunked huge
        bomb=gzip.compress(b"0"*200_000_000)
        rss=lambda:[l.split()[1] for l in Path(f"/proc/{hub.process.pid}/status").read_text().splitlines() if l.startswith(("VmHWM","VmRSS"))]
        print("rss",rss())
        o,t=await asyncio.to_thread(raw,b"POST /inbox HTTP/1.1\r\n"+H+b"Content-Type: application/activity+json\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"%len(bomb)+bomb)
        print("gzipbomb",len(bomb),round(t,2),o[:15],o[-100:],rss())
        # slow bodies 500
        socks=[]
        for i in range(500):
            s=socket.create_connection(("127.0.0.1",hub.port)); s.sendall(b"POST /inbox HTTP/1.1\r\n"+H+b"Content-Type: application/activity+json\r\nContent-Length: 900000\r\n\r\n"+b"a"*100000); socks.append(s)
        t=time.time(); print("get under 500 slow bodies", (await asyncio.to_thread(get,hub.url+"/members"))[0], time.time()-t, rss())
        await asyncio.sleep(12)
        s=socks[0]; s.settimeout(1)
        try: print("slow body answer",s.recv(300)[:200])
        except OSError as e: print(e)
        for s in socks: s.close()
        print(rss())
        urls=["/fr/fr","/fr","/fr/","/en/../fr","/@../","/@","/@ruche","/@ruche/","/@ruche/x","//evil.example","/fr//evil.example","//evil.example/%2e%2e","/%2e%2e/%2e%2e/etc/passwd","/static/%2e%2e/%2e%2e/pecfed.toml","/static/../app.py","/static/","/members?cursor=garbage","/members?limit=-1","/api/v1/members?limit=-1","/api/v1/members?limit=1000000","/api/v1/members?cursor=garbage","/api/v1/events?cursor=WzFd","/members?q="+"a"*7000,"/api/v1/members?q=%25%25%25_","/api/v1/members?q=%00","/members?q=%ff","/members/%00","/members/..%2f..","/members/a%0d%0aX:1","/fr/members/%0d%0aSet-Cookie:x","/api/v1/","/api/v1/nothing","/api","/objects/x","/objects/%2e%2e","/activities/x","/actors/ruche/outbox?page=x","/actors/ruche/outbox?page=-1","/actors/ruche/outbox?page=99999999999999999999999","/actors/ruche/followers?page=x","/actors/ruche/followers?after=%00","/directory?page=%00","/directory?page=x","/directory?after=x","/.well-known/webfinger","/.well-known/webfinger?resource=acct:%00@x","/.well-known/webfinger?resource="+"a"*6000,"/.well-known/webfinger?resource=acct:ruche@127.0.0.1:%d&resource=x"%hub.port,"/nodeinfo/9","/ns/v1","/ns/v1/../x","/events?from=9999-12-31&to=0001-01-01","/events?from=99999-01-01","/events?to=9999-12-31","/events?member=%00","/events?kind=x","/api/v1/events?from=2027-01-01T00:00:00%2B99:99","/api/v1/events?lang=x","/charter?x=1","/inbox","/actors/ruche/inbox","/robots.txt","/favicon.ico","/healthz?x"]
        class NoRedirect(__import__("urllib.request").request.HTTPRedirectHandler):
            def redirect_request(self,*a): return None
        import http.client
        for u in urls:
            for acc in ("text/html","application/activity+json","application/json"):
                c=http.client.HTTPConnection("127.0.0.1",hub.port,timeout=5); c.request("GET",u,headers={"Accept":acc}); r=c.getresponse(); b=r.read()
                if r.status>=500 or 300<=r.status<400 or (r.status==200 and any(x in u for x in ("%2e","garbage","-1","..","evil"))): print(acc[:12],u[:70],r.status,r.headers.get("Location"),b[:80])
                if b"Traceback" in b or str(hub.dir).encode() in b: print("LEAK",u)
                c.close()
        print(hub.log[-3000:])
@pytest.mark.parametrize("kind",["gzip","hang","drip","redirect","cyclic","endless","nested","slowheaders"])
async def test_collections(hub, peer, kind):
    await let_in(hub, peer)
    import resource as R
    bomb=gzip.compress(b'{"a":"'+b"0"*300_000_000+b'"}'); import gc
    n=0
    async def evil(request):
        nonlocal n; n+=1
        if kind=="gzip":
            return web.Response(body=bomb, headers={"Content-Encoding":"gzip","Content-Type":AS2})
        if kind in("hang",): await asyncio.sleep(60)
        if kind=="drip":
            r=web.StreamResponse(headers={"Content-Type":AS2}); await r.prepare(request)
            for _ in range(100): await r.write(b" "); await asyncio.sleep(1)
            return r
        if kind=="redirect": return web.Response(status=302,headers={"Location":f"/u/mallory/outbox?{n}"})
        uri=f"{peer.url}/u/mallory/outbox"
        if kind=="cyclic": d={"id":uri,"type":"OrderedCollection","first":uri+"?a","next":uri}
        elif kind=="endless": d={"id":f"{peer.url}{request.path_qs}","type":"OrderedCollectionPage","orderedItems":[peer.activity("Create",peer.event(f"/e/{n}/{i}")) for i in range(100)],"next":f"{uri}?p={n}"}
        else:
            d={"id":uri,"type":"OrderedCollection","orderedItems":[[[[["x"]]]],7,None,{"type":["Create"]},{"actor":peer.mallory,"type":"Create","object":[{}]},{"actor":peer.mallory,"type":"Create","object":{"type":["Event"],"id":7}},{"actor":peer.mallory,"type":"Delete","object":None},{"actor":peer.mallory,"type":{"a":1},"object":{}}],"first":{"first":{"first":{"items":{"a":1}}}}}
        return web.Response(text=json.dumps(d),content_type=AS2)
    peer.documents["/u/mallory/outbox"]=evil
    entry=await hub.entry(peer.mallory)
    from pecfed.store import members
    cur=lambda:int(open("/proc/self/statm").read().split()[1])*4; m0=cur(); peak=[m0]
    async def watch():
        while True:
            peak[0]=max(peak[0],cur()); await asyncio.sleep(0.002)
    wt=asyncio.create_task(watch()); t=time.time()
    await hub.write(lambda s: members.read_at(s, entry.id, 1))
    for _ in range(6):
        await asyncio.sleep(1)
        e=await hub.entry(peer.mallory)
        from pecfed import clock
        if e.read_due_at and e.read_due_at>clock.now_ms()+700_000: break
    print(kind,"requests",n,"took",round(time.time()-t,1),"rss+",(peak[0]-m0)//1024,"MB objects",await hub.value("select count(*) from objects"), "due in", (e.read_due_at or 0)-clock.now_ms())
