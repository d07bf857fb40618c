from datetime import UTC, datetime, date
from storage.repositories import *
from storage.repositories import attachments, consents, days_off, fact_requests, filings, guards, leases, rates, runs, sent_keys, sessions, tasks, terms, tickets, units, users, peers, pulls, outbox
from storage import journal, roots
NOW = datetime(2026, 11, 22, tzinfo=UTC)

def test_all(store):
    def work(u):
        sid=u.sid()
        uid=units.add(u,"road","도로과",valid_from=date(2026,1,1))
        assert units.add(u,"road","도로과",valid_from=date(2026,1,1))==uid
        f=filings.add(u,sid=sid,number="2026-7K3M-Q9",answers={"a":1},identity={"name":"홍"},procedure="passive_report",procedure_version=1,state="submitted",mode="named",channel="web",arrived_at=NOW, unit_id=uid)
        assert filings.add(u,sid=u.sid(),number="2026-7K3M-Q9",answers={"a":1},procedure="passive_report",procedure_version=1,state="submitted",mode="named",channel="web",arrived_at=NOW) is None
        fl=filings.get(u,f)
        assert filings.answers(u,fl)=={"a":1} and filings.identity(u,fl)=={"name":"홍"} and filings.exact(u,fl)=={}
        assert filings.change(u,f,1,state="received")==2
        for i in range(3): h=journal.append(u,sid,NOW,"user:1","viewed",{"n":i})
        assert journal.verify(u,sid,h)==[]
        r=roots.sign(u,NOW); roots.sign(u,NOW)
        assert roots.verify(u)==[] and roots.now_matches(u,r)
        a=attachments.add(u,kind="photo",now=NOW,filing_id=f,name="x.jpg",locator="abc")
        assert attachments.locator(u,a)=="abc"
        attachments.store(u,a,b"data")
        a=attachments.by_ref(u,a.ref)
        assert attachments.original(u,a)==b"data" and a.name=="x.jpg"
        q=fact_requests.add(u,f,sid,uid,b"q?",NOW,NOW)
        assert fact_requests.reply(u,q,b"a!",NOW)
        assert fact_requests.for_unit(u,uid)[0].reply==b"a!"
        guards.add(u,f,unit_id=uid); guards.confirm(u,f,NOW)
        assert sent_keys.first(u,"k",f) and not sent_keys.first(u,"k",f)
        assert rates.take(u,"r",every=1,burst=2)==0 and rates.take(u,"r",every=1,burst=2)==0
        assert 0<rates.take(u,"r",every=1,burst=2)<=1
        assert leases.take(u,"l","a",60)==1 and leases.take(u,"l","a",60)==1 and leases.take(u,"l","b",60) is None
        leases.give_back(u,"l",1)
        assert leases.take(u,"l","b",60)==2
        leases.check(u,"l",2)
        assert runs.begin(u,"x",1) and not runs.begin(u,"x",1) and runs.begin(u,"x",2)
        runs.finish(u,"x"); assert runs.finished(u,"x") and not runs.begin(u,"x",3)
        x=users.add(u,"kim","김",NOW); assert users.add(u,"kim","김",NOW) is None
        users.grant(u,x,"auditor",NOW); assert users.roles(u,x)=={"auditor"}
        sessions.open_(u,"s",x,NOW,NOW); assert sessions.find(u,"s"); users.set_password(u,x,"h"); assert not sessions.find(u,"s")
        tickets.add(u,"t","hand",NOW,NOW.replace(year=2027),detail=b"d",user_id=x)
        assert tickets.use(u,"t","hand",NOW).detail==b"d"; assert tickets.use(u,"t","hand",NOW) is None
        terms.set_deadline(u,f,"answer",NOW); terms.set_deadline(u,f,"answer",NOW)
        terms.stop(u,f,"supplement",NOW); assert terms.resume(u,f,"supplement",NOW)==1
        terms.extend(u,f,"answer","first",7,NOW,x)
        tasks.done(u,tasks.add(u,"letter",NOW,filing_id=f),x,NOW)
        days_off.add(u,date(2026,1,1),"n","s",NOW)
        p=peers.ensure(u,"web","web","ab","ko",NOW)
        consents.give(u,p.id,"abroad","1","ko",NOW); assert consents.has(u,p.id,"abroad"); consents.withdraw(u,p.id,"abroad",NOW); assert not consents.has(u,p.id,"abroad")
        outbox.put(u,p.id,[outbox.Draft(0,"say",b"{}",NOW)],NOW)
        assert pulls.news(u,{p.id:0})==[p.id]
        assert pulls.pull(u,p.id,0)[0].payload==b"{}"; pulls.pulled(u,p.id,1); assert pulls.news(u,{p.id:1})==[]
        blobs=filings.erase(u,fl,NOW); assert len(blobs)==1
        assert journal.erase(u,sid,NOW,"clock",{"details":3}); assert journal.erase(u,sid,NOW,"clock",{}) is None
        assert journal.verify(u,sid,h)==[]
        assert [e.detail for e in journal.history(u,sid)][-1]=={"details":3}
        return True
    assert store.transact(work,"c")
