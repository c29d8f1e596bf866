async def test_loop(make_server):
    hub = await make_server(role="hub", username="ruche")
    lilas = await make_server(username="lilas")
    await lilas.join(hub)
    from tests.servers import eventually

    async def asked():
        return await hub.state_of(lilas.actor_uri) == "asked"

    await eventually(asked)
    await hub.quiet()
    await lilas.quiet()
    await hub.decide(lilas.handle, "accept", "meets-criteria")

    async def mem():
        return (await lilas.status())["hubs"][0]["membership"] == "member"

    await eventually(mem)
