from perception_core.embedding_space import EmbeddingSpace


def test_a_space_comes_back_from_its_id_also_where_the_model_has_colons():
    for model in ("face_identity", "my:own:net"):
        space = EmbeddingSpace(model, 512, "0a1b")
        assert EmbeddingSpace.from_id(space.id) == space
