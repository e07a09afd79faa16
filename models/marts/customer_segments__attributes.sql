-- One row per segment and column that is no feature; of genders, one per commonest value.
{% set features = mallard.load_statistics(ref('int_mall__feature_statistics')).features | map(attribute='name') | list %}
{% set numbers = ['age', 'annual_income', 'spending_score'] | reject('in', features) | list %}

{{ mallard.attribute_profiles(ref('customer_segments'), numbers=numbers, texts=['gender'], words=var('mallard_feature_words')) }}
